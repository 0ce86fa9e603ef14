/** SSIMULACRA2 of each variant, by `<preset>.<format>`. */
export type Scores = Record<string, number>;

/** `nearest`: on either side, so that no way gains by rounding. `at-least`: the lowest that is no worse. */
export type Choice = 'nearest' | 'at-least';

/** What a search chooses from. */
export interface Range {
  least: number;
  most: number;
  step: number;
}

/** The numbers of an encoder. */
const numbers: Range = { least: 1, most: 100, step: 1 };

/**
 * Finds for each name the value whose probe is a wanted one, by bisection of all names at once: seven probes for a hundred
 * values. What the greatest value does not reach gets that.
 */
export async function valuesFor(
  wanted: Record<string, number>,
  probe: (values: Record<string, number>) => Promise<Record<string, number>>,
  choice: Choice,
  { least, most, step }: Range = numbers,
): Promise<Record<string, number>> {
  const last = Math.round((most - least) / step);
  const searches = Object.entries(wanted).map(([name, aim]) => ({
    ...{ name, aim },
    below: { at: -1, seen: Number.NEGATIVE_INFINITY },
    above: { at: last + 1, seen: Number.POSITIVE_INFINITY },
  }));
  const middle = ({ below, above }: (typeof searches)[number]) =>
    Math.min(last, Math.max(0, Math.floor((below.at + above.at) / 2)));
  const value = (at: number) => least + at * step;
  while (searches.some(({ below, above }) => above.at - below.at > 1)) {
    const all = await probe(Object.fromEntries(searches.map((one) => [one.name, value(middle(one))])));
    for (const one of searches) {
      if (one.above.at - one.below.at <= 1) continue;
      const seen = all[one.name];
      if (seen === undefined) throw new Error(`${one.name} was not made`);
      one[seen >= one.aim ? 'above' : 'below'] = { at: middle(one), seen };
    }
  }
  return Object.fromEntries(
    searches.map(({ name, aim, below, above }) => {
      const isBelow = above.at > last || (choice === 'nearest' && aim - below.seen < above.seen - aim);
      return [name, value((isBelow ? below : above).at)];
    }),
  );
}
