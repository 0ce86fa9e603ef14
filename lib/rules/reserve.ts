import { RuleBroken } from './broken.ts';

/** Too few connections are kept free for people. */
export class ReserveTooSmall extends RuleBroken {
  override readonly name = 'ReserveTooSmall';
}

/** A deploy's own connection is in the budget; these are not. */
const needs = { psql: 1, pg_dump: 1, monitoring: 1 };
const least = Object.values(needs).reduce((sum, one) => sum + one, 0);

/** @throws ReserveTooSmall */
export function requireReserve(reserve: number): void {
  if (reserve >= least) return;
  const sum = Object.entries(needs).map(([name, connections]) => `${name} ${connections}`);
  throw new ReserveTooSmall(
    'database.reserve',
    `No connection would be left to look at the server when the others are in use: ${sum.join(' + ')} = ${least} > ${reserve}.`,
  );
}
