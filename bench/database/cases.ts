import type pg from 'pg';
import { consumerCases } from './consumer-statements.ts';
import { editCases } from './edit-statements.ts';
import { eventCases } from './event-statements.ts';
import { exportCases } from './export-statements.ts';
import { operationCases } from './operation-statements.ts';
import { quotaCases } from './quota-statements.ts';
import { type Case, casesOf } from './statements.ts';
import { webhookCases } from './webhook-statements.ts';

/**
 * Cases of all statements of lambda/postgres, on a database that is filled already (fill.ts).
 * @param share of the rows that the cases of events, consumers and webhooks add, 1 for the size that is recorded. Each state of a delivery needs 40
 *   of an endpoint.
 */
export async function allCases(client: pg.Client, share = 1): Promise<Case[]> {
  return [
    ...(await casesOf(client)),
    ...(await editCases(client)),
    ...(await operationCases(client)),
    ...(await quotaCases(client)),
    ...(await eventCases(client)),
    ...(await consumerCases(client, share)),
    ...(await webhookCases(client, Math.max(40, 1_000 * share))),
    ...(await exportCases(client)),
  ];
}
