/** The condition keys of a request; others are absent, as for IAM. */
export type RequestContext = Readonly<Record<string, string | readonly string[] | undefined>>;
export type Conditions = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

type Comparison = (actual: string, wanted: string) => boolean;

const numbers =
  (compare: (actual: number, wanted: number) => boolean): Comparison =>
  (actual, wanted) =>
    compare(Number(actual), Number(wanted));
const equal: Comparison = (actual, wanted) => actual === wanted;
const like: Comparison = (actual, wanted) => matches(wanted, actual);

/** The positive operators; with `Not` before the last word each has a negated form, if IAM has one. */
const comparisons: Record<string, Comparison> = {
  StringEquals: equal,
  StringLike: like,
  // Equivalent for IAM.
  ArnEquals: arnLike,
  ArnLike: arnLike,
  Bool: (actual, wanted) => actual.toLowerCase() === wanted.toLowerCase(),
  NumericEquals: numbers((actual, wanted) => actual === wanted),
  NumericLessThan: numbers((actual, wanted) => actual < wanted),
  NumericLessThanEquals: numbers((actual, wanted) => actual <= wanted),
  NumericGreaterThan: numbers((actual, wanted) => actual > wanted),
  NumericGreaterThanEquals: numbers((actual, wanted) => actual >= wanted),
};
const negated: Record<string, string> = {
  StringNotEquals: 'StringEquals',
  StringNotLike: 'StringLike',
  ArnNotEquals: 'ArnEquals',
  ArnNotLike: 'ArnLike',
  NumericNotEquals: 'NumericEquals',
};

/**
 * True if all conditions of a statement hold. By IAM's rules, a condition on an absent key holds only negated or with
 * IfExists.
 * @throws TypeError for an unknown operator, which must count neither as met nor as unmet.
 */
export function conditionsHold(conditions: Conditions, context: RequestContext): boolean {
  const known = new Map(Object.entries(context).map(([key, value]) => [key.toLowerCase(), value]));
  return Object.entries(conditions).every(([operator, keys]) =>
    Object.entries(keys).every(([key, wanted]) => {
      const actual = known.get(key.toLowerCase());
      return holds(operator, actual === undefined ? undefined : [actual].flat(), [wanted].flat().map(String));
    }),
  );
}

function holds(written: string, actual: readonly string[] | undefined, wanted: readonly string[]): boolean {
  if (written === 'Null') return wanted.some((one) => (one === 'true') === (actual === undefined));
  const ifExists = written.endsWith('IfExists');
  const operator = ifExists ? written.slice(0, -'IfExists'.length) : written;
  const positive = comparisons[negated[operator] ?? operator];
  if (positive === undefined)
    throw new TypeError(`an operator of conditions that is not known here: ${written}`);
  const isNegated = operator in negated;
  if (actual === undefined) return ifExists || isNegated;
  if (actual.length !== 1)
    throw new TypeError(`${written} on several values needs ForAllValues or ForAnyValue`);
  const met = wanted.some((one) => actual.some((value) => positive(value, one)));
  return met !== isNegated;
}

/** IAM's wildcards: `*` for any characters, none too, and `?` for one. */
export function matches(pattern: string, text: string): boolean {
  if (pattern.includes('${')) throw new TypeError(`a policy variable, which is not known here: ${pattern}`);
  const source = pattern
    .replace(/[.+^$()|[\]{}\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(text);
}

/** Segment by segment: a wildcard in one of the first five segments of an ARN does not match beyond it. */
function arnLike(actual: string, wanted: string): boolean {
  const parts = (arn: string) => {
    const all = arn.split(':');
    return [...all.slice(0, 5), all.slice(5).join(':')];
  };
  const patterns = parts(wanted);
  return parts(actual).every((part, place) => matches(patterns[place] ?? '', part));
}
