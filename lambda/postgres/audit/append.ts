import type { Connection } from '../connection/connection.ts';

/** A line to append: an event's id and tenant, and its serialised form. */
export interface NewLine {
  tenant: string;
  id: string;
  event: string;
}

const appendStatement = {
  name: 'append audit',
  text: 'select append_audit($1::jsonb) as appended',
};

/**
 * Appends lines to the trails of their tenants in this order; those whose event is there already are left out.
 * @returns how many were appended.
 */
export async function appendLines(connection: Connection, lines: readonly NewLine[]): Promise<number> {
  const { rows } = await connection.query<{ appended: number }>(appendStatement, [JSON.stringify(lines)]);
  return rows[0]?.appended ?? 0;
}
