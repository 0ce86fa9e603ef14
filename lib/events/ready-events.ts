import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import { EventBus, type IEventBus, type OnEventOptions, Rule } from 'aws-cdk-lib/aws-events';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { type ReadyEventDetail, readyEventSource, readyEventType } from '../../lambda/domain/ready-event.ts';
import type { VariablesOf } from '../../lambda/runtime/environment-parts.ts';
import type { PipelineFunction } from '../compute/pipeline-function.ts';
import { Endpoints } from '../data/endpoints.ts';

/** Options of a rule for ready images. */
export interface OnReadyOptions extends OnEventOptions {
  /**
   * The event bus, in the same account and region. Default: the account's default bus. A pipeline sends to one bus, which
   * the first call selects.
   */
  eventBus?: IEventBus;
}

/** A pipeline was given a second event bus. */
export class SecondEventBus extends Error {
  override readonly name = 'SecondEventBus';
  constructor(path: string) {
    super(
      `${path} already sends its events to another bus: pass the same eventBus to every onReady of a pipeline, or omit it ` +
        'after the first call.',
    );
  }
}

export interface ReadyEventsProps {
  process: PipelineFunction;
  bucketName: string;
  /** The functions' VPC, if any. */
  vpc?: IVpc | undefined;
}

/**
 * What `process` needs to send events of ready images: a permission, a variable, and an endpoint in a network of the
 * pipeline's own. Nothing is created, and nothing is sent, until a bus is selected.
 */
export class ReadyEvents extends Construct {
  readonly #props: ReadyEventsProps;
  #bus: { eventBus: IEventBus | undefined; eventBusArn: string } | undefined;

  constructor(scope: Construct, id: string, props: ReadyEventsProps) {
    super(scope, id);
    this.#props = props;
  }

  /**
   * Selects the bus, by default the account's. Further calls must pass the same bus or none.
   * @throws SecondEventBus
   */
  sendTo(eventBus?: IEventBus): void {
    if (this.#bus !== undefined) {
      if (eventBus !== undefined && eventBus.eventBusArn !== this.#bus.eventBusArn)
        throw new SecondEventBus(this.node.path);
      return;
    }
    const { eventBusArn } = eventBus ?? EventBus.fromEventBusName(this, 'DefaultBus', 'default');
    this.#bus = { eventBus, eventBusArn };
    const { process, vpc } = this.#props;
    const variable = 'READY_EVENTS_BUS' satisfies keyof VariablesOf<'readyEvents'>;
    process.function.addEnvironment(variable, eventBus?.eventBusArn ?? 'default');
    process.permit(
      new PolicyStatement({
        sid: 'ReadyEvents',
        actions: ['events:PutEvents'],
        resources: [eventBusArn],
        conditions: {
          StringEquals: { 'events:source': readyEventSource, 'events:detail-type': readyEventType },
        },
      }),
    );
    if (vpc !== undefined) Endpoints.of(vpc)?.allowEvents();
  }

  /** A rule that matches each ready image of this pipeline, on the selected bus. @throws SecondEventBus */
  rule(id: string, { eventBus, target, crossStackScope, ...options }: OnReadyOptions): Rule {
    this.sendTo(eventBus);
    const bus = this.#bus?.eventBus;
    const rule = new Rule(crossStackScope ?? this, id, {
      ...options,
      ...(bus === undefined ? {} : { eventBus: bus }),
    });
    const detail: Partial<Record<keyof ReadyEventDetail, string[]>> = { bucket: [this.#props.bucketName] };
    rule.addEventPattern({ source: [readyEventSource], detailType: [readyEventType], detail });
    rule.addTarget(target);
    return rule;
  }
}
