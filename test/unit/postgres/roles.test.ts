import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Connection } from '../../../lambda/postgres/connection/connection.ts';
import { ensureRoles } from '../../../lambda/postgres/schema/roles.ts';
import { roles } from '../../support/role-shares.ts';
import { openTestDb, type TestDb } from './rows.ts';

let db: TestDb;
beforeAll(async () => {
  db = await openTestDb();
});
afterAll(() => db.close());

it('no statement contains the password of the roles, because a server logs failed statements', async () => {
  const { rolesPassword: password, user } = db.address;
  const said: string[] = [];
  await db.as(user).run((connection) => {
    const listening: Connection = {
      query: (statement, values = []) => {
        said.push(typeof statement === 'string' ? statement : statement.text, ...values.map(String));
        return connection.query(statement, values);
      },
    };
    return ensureRoles(listening, { by: 'password', password }, { roles, pooled: false });
  });
  for (const role of Object.keys(roles))
    expect(said.join('\n')).toContain(`alter role ${role} login password`);
  expect(said.join('\n')).not.toContain(password);
  // And it is the password all the same.
  for (const role of Object.keys(roles))
    expect((await db.as(role).run((connection) => connection.query('select 1'))).rowCount).toBe(1);
});
