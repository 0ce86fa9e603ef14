import { createHash } from 'node:crypto';
import type pg from 'pg';
import { inspectImage, newestEnded, oldestUnfinished } from '../../lambda/postgres/images/inspection.ts';
import { endKeys, keysBeginning, listKeys } from '../../lambda/postgres/tenants/api-keys.ts';
import { addKey, addTenantKey } from '../../lambda/postgres/tenants/new-tenant.ts';
import { listTenants, tenantExists } from '../../lambda/postgres/tenants/tenants.ts';
import { emptyTenant, largestTenant, smallTenant } from './fill.ts';
import { one } from './find-images.ts';
import type { Case } from './statements.ts';

/** Statements of `operate`. */
export async function operationCases(client: pg.Client): Promise<Case[]> {
  const tenant = largestTenant;
  const ready = await one(client, `tenant_id = '${tenant}' and status = 'ready' and deleted_at is null`);
  const digits = createHash('sha256').update(tenant).digest('hex');
  const newKey = createHash('sha256').update('new').digest();
  const limit = 100;
  const person = (name: string, what: string, run: Case['run']): Case => ({ by: 'operate', name, what, run });
  return [
    person('listTenants', 'first', (c) => listTenants(c, { after: '', limit })),
    person('listTenants', 'deep', (c) => listTenants(c, { after: smallTenant, limit })),
    person('tenantExists', 'one', (c) => tenantExists(c, tenant)),
    person('listKeys', 'of a tenant', (c) => listKeys(c, tenant, limit)),
    person('keysBeginning', '12 digits', (c) => keysBeginning(c, digits.slice(0, 12), 2)),
    person('addTenantKey', 'existing tenant', (c) => addTenantKey(c, tenant, newKey)),
    person('addKey', 'new', (c) => addKey(c, tenant, newKey)),
    person('endKeys', 'one', (c) => endKeys(c, { tenant, only: [digits], afterSeconds: 0 })),
    person('endKeys', 'all', (c) => endKeys(c, { tenant, afterSeconds: 3_600 })),
    person('inspectImage', 'ready', (c) => inspectImage(c, ready)),
    ...[tenant, smallTenant, emptyTenant].flatMap((of, place) => {
      const whose = ['largest', 'small', 'without images'][place] ?? '';
      return [
        person('oldestUnfinished', whose, (c) => oldestUnfinished(c, of, limit)),
        person('newestEnded', `${whose}, failed`, (c) => newestEnded(c, of, { status: 'failed', limit })),
        person('newestEnded', `${whose}, rejected`, (c) => newestEnded(c, of, { status: 'rejected', limit })),
      ];
    }),
  ];
}
