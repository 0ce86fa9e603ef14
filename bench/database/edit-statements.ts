import type pg from 'pg';
import { editImage } from '../../lambda/postgres/images/editing.ts';
import { largestTenant } from './fill.ts';
import { one } from './find-images.ts';
import type { Case } from './statements.ts';

/** Statements of what people edit. */
export async function editCases(client: pg.Client): Promise<Case[]> {
  const tenant = largestTenant;
  const of = (status: string, more = '') =>
    one(client, `tenant_id = '${tenant}' and status = '${status}' and deleted_at is null${more}`);
  const [ready, queued] = [await of('ready', ' and replaces is null'), await of('queued')];
  const revision = 1;
  return [
    {
      by: 'api',
      name: 'editImage',
      what: 'metadata of a ready one',
      run: (connection) =>
        editImage(
          connection,
          { tenant, imageId: ready },
          { metadata: { album: '1' }, replaces: null, revision },
        ),
    },
    {
      by: 'api',
      name: 'editImage',
      what: 'name of a queued one',
      run: (connection) =>
        editImage(connection, { tenant, imageId: queued }, { metadata: {}, replaces: 'avatar/0', revision }),
    },
  ];
}
