import { type Group, groups, type Kind, kinds } from '../pictures/kinds.ts';
import type { Measured } from '../samples.ts';

export type KindOrGroup = Kind | Group;

/** The pictures of each kind, and of each group of kinds, that were measured. */
export function grouped(measured: readonly Measured[]): Map<KindOrGroup, Measured[]> {
  const found = new Map<KindOrGroup, Measured[]>();
  const add = (name: KindOrGroup, members: readonly Kind[]) => {
    const own = measured.filter(({ kind }) => members.includes(kind));
    if (own.length > 0) found.set(name, own);
  };
  for (const kind of kinds) add(kind, [kind]);
  for (const [name, members] of Object.entries(groups)) add(name as Group, members);
  return found;
}

/** The measured sizes, large to small. */
export function sizesOf(measured: readonly Measured[]): Measured['size'][] {
  return [...new Set(measured.map(({ size }) => size))].sort((a, b) => b - a);
}
