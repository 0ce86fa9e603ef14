import { Duration, Lazy, RemovalPolicy } from 'aws-cdk-lib';
import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import { Archive, EventBus, type IEventBus, type OnEventOptions, Rule } from 'aws-cdk-lib/aws-events';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { type EventType, eventSource, eventTypes } from '../../lambda/domain/event.ts';
import { readyEventType } from '../../lambda/domain/ready-event.ts';
import type { VariablesOf } from '../../lambda/runtime/environment-parts.ts';
import type { PipelineFunction } from '../compute/pipeline-function.ts';
import type { ResolvedConfig } from '../config/schema.ts';
import { Endpoints } from '../data/endpoints.ts';
import { uniqueName } from '../naming/unique-name.ts';

/** Options of a rule for ready images. */
export interface OnReadyOptions extends OnEventOptions {
  /**
   * The event bus, in the same account and region. Default: the pipeline's own, or with `events.eventBridge: false` the
   * account's default bus. A bus that is given gets every event of the pipeline.
   */
  eventBus?: IEventBus;
}

export interface ImageEventsProps {
  relay: PipelineFunction;
  bucketArn: string;
  /** The functions' VPC, if any. */
  vpc?: IVpc | undefined;
}

const variable = {
  buses: 'EVENT_BUSES',
  readyEvents: 'READY_EVENTS_BUS',
} as const satisfies Record<string, keyof VariablesOf<'eventBridge'>>;

/**
 * The pipeline's event bus with its archive, and what the relay needs to send to it and to other buses: a permission, a
 * variable, and an endpoint in a network of the pipeline's own.
 */
export class ImageEvents extends Construct {
  /** The pipeline's own bus; undefined with `events.eventBridge: false`. */
  readonly bus: IEventBus | undefined;
  readonly #props: ImageEventsProps;
  readonly #buses = new Map<string, string>();
  #permission: PolicyStatement | undefined;

  constructor(scope: Construct, id: string, { events, deploy }: ResolvedConfig, props: ImageEventsProps) {
    super(scope, id);
    this.#props = props;
    if (events.eventBridge !== false) {
      // A stack may have several pipelines.
      const eventBusName = uniqueName(this, 'sluice-images', this.node.addr.slice(-8));
      const bus = new EventBus(this, 'Bus', { eventBusName });
      const archive = new Archive(this, 'Archive', {
        sourceEventBus: bus as IEventBus,
        eventPattern: { source: [eventSource] },
        retention: Duration.days(events.eventBridge.archiveDays),
      });
      if (deploy.removal === 'retain') archive.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
      this.bus = bus as IEventBus;
      this.#sendTo(bus.eventBusArn);
    }
    if (deploy.readyEvents) {
      props.relay.function.addEnvironment(variable.readyEvents, 'default');
      this.#permit(this.#default().eventBusArn);
    }
  }

  /** A rule that matches each ready image of this pipeline. */
  rule(id: string, { eventBus, target, crossStackScope, ...options }: OnReadyOptions): Rule {
    const bus = eventBus ?? this.bus;
    if (bus === undefined) this.#sendTo(this.#default().eventBusArn);
    else this.#sendTo(bus.eventBusArn);
    const rule = new Rule(crossStackScope ?? this, id, {
      ...options,
      ...(bus === undefined ? {} : { eventBus: bus }),
    });
    const ready: EventType = 'image.ready';
    // Of this pipeline: another one may use the same bus.
    rule.addEventPattern({
      source: [eventSource],
      detailType: [ready],
      resources: [this.#props.bucketArn],
    });
    rule.addTarget(target);
    return rule;
  }

  #default(): IEventBus {
    const known = this.node.tryFindChild('DefaultBus') as IEventBus | undefined;
    return known ?? EventBus.fromEventBusName(this, 'DefaultBus', 'default');
  }

  #sendTo(arn: string): void {
    if (this.#buses.size === 0)
      this.#props.relay.function.addEnvironment(
        variable.buses,
        Lazy.string({ produce: () => [...this.#buses.values()].join(',') }),
      );
    this.#buses.set(arn, arn);
    this.#permit(arn);
  }

  #permit(arn: string): void {
    if (this.#permission === undefined) {
      this.#permission = new PolicyStatement({
        sid: 'Events',
        actions: ['events:PutEvents'],
        conditions: {
          StringEquals: {
            'events:source': eventSource,
            'events:detail-type': [...eventTypes, readyEventType],
          },
        },
      });
      this.#permission.addResources(arn);
      this.#props.relay.permit(this.#permission);
      const { vpc } = this.#props;
      if (vpc !== undefined) Endpoints.of(vpc)?.allowEvents();
      return;
    }
    if (!this.#permission.resources.includes(arn)) this.#permission.addResources(arn);
  }
}
