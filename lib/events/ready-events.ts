import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import { EventBus, type IEventBus, type OnEventOptions, Rule } from 'aws-cdk-lib/aws-events';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { type ReadyEventDetail, readyEventSource, readyEventType } from '../../lambda/domain/ready-event.ts';
import type { EnvironmentOf } from '../../lambda/runtime/environment.ts';
import type { PipelineFunction } from '../compute/pipeline-function.ts';
import { Endpoints } from '../data/endpoints.ts';

/** What becomes of the events of images that are ready. */
export interface OnReadyOptions extends OnEventOptions {
  /**
   * The bus that carries them, of this account and region: the account's default one, unless told. A pipeline sends to
   * one bus, so the first call says which.
   */
  eventBus?: IEventBus;
}

/** A second event bus was named for one pipeline. */
export class SecondEventBus extends Error {
  override readonly name = 'SecondEventBus';
  constructor(path: string) {
    super(
      `${path} sends its events to one bus already: give every onReady of a pipeline the same eventBus, or none ` +
        'after the first.',
    );
  }
}

export interface ReadyEventsProps {
  process: PipelineFunction<'process'>;
  bucketName: string;
  /** Of the functions, where they have one. */
  vpc?: IVpc | undefined;
}

/**
 * What `process` needs to tell an event bus of images that are ready: a right, a variable, and in a network of our own an
 * endpoint. Nothing of it is there, and nothing is sent, until a bus is chosen.
 */
export class ReadyEvents extends Construct {
  readonly #props: ReadyEventsProps;
  #bus: { eventBus: IEventBus | undefined; eventBusArn: string } | undefined;

  constructor(scope: Construct, id: string, props: ReadyEventsProps) {
    super(scope, id);
    this.#props = props;
  }

  /**
   * Chooses the bus; the default one where none is named. Once chosen it may be named again, or not.
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
    const variable = 'READY_EVENTS_BUS' satisfies keyof EnvironmentOf<'process'>;
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

  /** A rule for each image of this pipeline that is ready, on the chosen bus. @throws SecondEventBus */
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
