import type { BrownOut } from '../../../lambda/policy/brown-out.ts';
import type { TestWorker } from './test-worker.ts';

/** A brown-out that lasts, and none. */
export const on: BrownOut = { active: true, observe: () => undefined };
export const off: BrownOut = { active: false, observe: () => undefined };

/** Status, formats and what follows of an image. */
export async function stateOf({ db }: Pick<TestWorker, 'db'>, id: string): Promise<unknown> {
  const { rows } = await db.admin.query(
    `select status, pending, array(select format from variant where image_id = id order by format) as formats
     from image where id = $1`,
    [id],
  );
  return rows[0];
}
