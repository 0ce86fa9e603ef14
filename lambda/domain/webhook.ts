import { type EventType, eventTypes } from './event.ts';

/*
 * Webhooks: endpoints of tenants to which events are sent, and the two messages between `dispatch`, which decides and
 * signs, and `deliver`, which calls.
 */

/** `paused` after repeated failures, until a probe succeeds; `disabled` by its owner, or by a 410. */
export const endpointStates = ['active', 'paused', 'disabled'] as const;
export type EndpointState = (typeof endpointStates)[number];
/** Why an endpoint is not active. */
export const endpointReasons = ['failures', 'gone', 'owner'] as const;
export type EndpointReason = (typeof endpointReasons)[number];

/** What is known of an endpoint. */
export interface EndpointHealth {
  state: EndpointState;
  reason: EndpointReason | null;
  /** Attempts in a row that failed. */
  failures: number;
}
/** The health after some attempts, and seconds in which nothing is sent to the endpoint; an earlier hold may be longer. */
export type HealthAfter = EndpointHealth & { holdSeconds: number };

/** `pending` waits for its time, `sent` is at `deliver`, `delivered` got a 2xx, `dead` was given up. */
export const deliveryStates = ['pending', 'sent', 'delivered', 'dead'] as const;
export type DeliveryState = (typeof deliveryStates)[number];

/** The event that a test of an endpoint sends. */
export const testEventType = 'webhook.test';
/** Types of the events that an endpoint may get. */
export const webhookEventTypes = [...eventTypes, testEventType] as const;
export type WebhookEventType = EventType | typeof testEventType;

/** An event is sent at least once within this time, in seconds; then its delivery is dead. */
export const deliveryLifeSeconds = 86_400;
/**
 * Deliveries that are made in a pause of an endpoint at most: some 25 MB. An endpoint that is dead for a day of 50,000 images a minute
 * would otherwise have 144 million.
 */
export const mostMadeInPause = 10_000;
/** Both secrets sign for so long after a rotation, in seconds. */
export const rotationSeconds = 86_400;
/**
 * An event of an image waits for an earlier one of the same image to the same endpoint, until that one has failed for so
 * long, in seconds.
 */
export const orderSeconds = 300;

/** A request is not sent later than this after it was signed, in seconds. Receivers tolerate five minutes. */
export const staleSeconds = 120;
/** Time for a whole call, in seconds: name, connection, TLS, request and response. */
export const callSeconds = 10;
/** An endpoint with a request that is out for longer than this, in seconds, gets no other one until it has answered. */
export const slowSeconds = 2;
/**
 * A request that is out for longer than this, in seconds, says nothing of its endpoint: its call is over and the result was
 * lost, or it still waits for an execution of `deliver`. It takes one place in the endpoint's limit, no more.
 */
export const lostSeconds = 2 * callSeconds;
/** A request that is out for longer than this has no result: it was stale before, and no call is left. */
export const flightSeconds = staleSeconds + 6 * callSeconds;
/** Bytes of a response that are read at most. They are discarded. */
export const responseBytes = 16_384;

/** Why a call had no response. */
export const callFaults = [
  'address_refused',
  'name_not_resolved',
  'not_connected',
  'tls_failed',
  'timed_out',
  'connection_lost',
] as const;
export type CallFault = (typeof callFaults)[number];

/** What a call came to. */
export type CallOutcome =
  | { kind: 'response'; status: number; retryAfter?: string }
  | { kind: 'fault'; fault: CallFault }
  /** Not called: the request is older than `staleSeconds`. */
  | { kind: 'stale' };

/** One request of a delivery. */
export interface Sending {
  endpoint: string;
  /** Id of the event, which identifies the delivery within its endpoint. */
  event: string;
  /** 1, 2, … A result of an earlier sending changes nothing. */
  sending: number;
  /** The number of its call. A stale request is none, so its number is used again. */
  attempt: number;
}

/** How an attempt ended for its delivery. `gone` is a 410, with which a receiver asks for no more. */
export type Ending = 'delivered' | 'failed' | 'gone' | 'stale';

/** Message to `deliver`: a signed request. */
export interface DeliveryRequest extends Sending {
  v: 1;
  /** Milliseconds since the epoch at which it was signed. */
  signedAt: number;
  url: string;
  headers: Record<string, string>;
  body: string;
}

/** Message to `dispatch`: the result of a request, that something may be due, or that a minute has passed. */
export type DispatchMessage =
  | ({ v: 1; kind: 'result'; outcome: CallOutcome } & Sending)
  | { v: 1; kind: 'due' }
  | { v: 1; kind: 'scheduled' };

/** A message that says that deliveries may be due. */
export const dueMessage: string = JSON.stringify({ v: 1, kind: 'due' } satisfies DispatchMessage);
