import type pg from 'pg';

/** Ids of images that meet a condition. */
export const idsOf = async (client: pg.Client, condition: string, limit: number): Promise<string[]> => {
  const { rows } = await client.query<{ id: string }>(
    `select id from image where ${condition} limit ${limit}`,
  );
  return rows.map(({ id }) => id);
};
/** @throws Error if there is none */
export const one = async (client: pg.Client, condition: string): Promise<string> => {
  const [id] = await idsOf(client, condition, 1);
  if (id === undefined) throw new Error(`no image where ${condition}`);
  return id;
};
