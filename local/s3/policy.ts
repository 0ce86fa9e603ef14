import { accessDenied, S3Error } from './errors.ts';
import { algorithm, checkScope, isSameSignature, type S3Credentials, sign } from './sigv4.ts';

/** The fields of a POST form before its file, names in lower case. */
export type FormFields = ReadonlyMap<string, string>;

/** Sizes that a policy allows, in bytes. */
export interface SizeRange {
  min: number;
  max: number;
}

interface Policy {
  expiration: number;
  conditions: unknown[];
}

/** Fields that need no condition. */
const exempt = new Set(['x-amz-signature', 'policy', 'file', 'awsaccesskeyid', 'signature']);
const noLimit: SizeRange = { min: 0, max: 5 * 1024 ** 3 };

/**
 * Checks a POST form against its policy: signature, expiry, every condition, and that every field has one.
 * @returns the allowed sizes of the file
 * @throws S3Error as S3 does
 */
export function checkPolicy(
  fields: FormFields,
  bucket: string,
  credentials: S3Credentials,
  now: number,
): SizeRange {
  const encoded = fields.get('policy');
  if (encoded === undefined) throw accessDenied();
  checkSignature(fields, encoded, credentials);
  const policy = parsePolicy(encoded);
  if (now > policy.expiration) throw invalid('Policy expired.');
  const covered = new Set<string>();
  let range = noLimit;
  for (const condition of policy.conditions) {
    const size = sizeRange(condition);
    if (size !== undefined) {
      range = size;
      continue;
    }
    covered.add(checkCondition(condition, fields, bucket));
  }
  const extra = [...fields.keys()].filter(
    (name) => !covered.has(name) && !exempt.has(name) && !name.startsWith('x-ignore-'),
  );
  if (extra.length > 0) throw invalid(`Extra input fields: ${extra.join(', ')}`);
  return range;
}

function checkSignature(fields: FormFields, encoded: string, credentials: S3Credentials): void {
  const given = (name: string): string => {
    const value = fields.get(name);
    if (value !== undefined) return value;
    throw new S3Error(
      400,
      'InvalidArgument',
      `Bucket POST must contain a field named '${name}'.  If it is specified, please check the order of the fields.`,
    );
  };
  const date = checkScope(credentials, given('x-amz-credential'));
  if (given('x-amz-algorithm') !== algorithm)
    throw new S3Error(
      400,
      'InvalidRequest',
      `The authorization mechanism you have provided is not supported. Please use ${algorithm}.`,
    );
  if (given('x-amz-date').slice(0, 8) !== date)
    throw accessDenied('Invalid credential date. It must match x-amz-date.');
  if (!isSameSignature(given('x-amz-signature'), sign(credentials, date, encoded)))
    throw new S3Error(
      403,
      'SignatureDoesNotMatch',
      'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
    );
}

function parsePolicy(encoded: string): Policy {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(encoded, 'base64').toString('utf8'));
  } catch {
    throw document('Invalid JSON.');
  }
  if (typeof value !== 'object' || value === null) throw document('Invalid JSON.');
  const { expiration, conditions } = value as Record<string, unknown>;
  const expires = typeof expiration === 'string' ? Date.parse(expiration) : Number.NaN;
  if (Number.isNaN(expires)) throw document("Invalid 'expiration' value.");
  if (!Array.isArray(conditions)) throw document("Policy missing 'conditions'.");
  return { expiration: expires, conditions };
}

function sizeRange(condition: unknown): SizeRange | undefined {
  if (!Array.isArray(condition) || condition[0] !== 'content-length-range') return undefined;
  const [, min, max] = condition.map(Number);
  if (!Number.isInteger(min) || !Number.isInteger(max)) throw document('Invalid content-length-range.');
  return { min: min ?? 0, max: max ?? 0 };
}

/** @returns the field that the condition names */
function checkCondition(condition: unknown, fields: FormFields, bucket: string): string {
  const [operator, name, wanted] = normalise(condition);
  const field = name.toLowerCase();
  const value = field === 'bucket' ? bucket : (fields.get(field) ?? '');
  const holds = operator === 'eq' ? value === wanted : value.startsWith(wanted);
  if (!holds)
    throw invalid(
      `Policy Condition failed: [${JSON.stringify(operator)}, "$${name}", ${JSON.stringify(wanted)}]`,
    );
  return field;
}

/** `{"name": "value"}` is short for `["eq", "$name", "value"]`. */
function normalise(condition: unknown): ['eq' | 'starts-with', string, string] {
  if (Array.isArray(condition)) {
    const [operator, name, wanted] = condition;
    const known = typeof operator === 'string' ? operator.toLowerCase() : '';
    if ((known === 'eq' || known === 'starts-with') && typeof name === 'string' && typeof wanted === 'string')
      if (name.startsWith('$')) return [known, name.slice(1), wanted];
  } else if (typeof condition === 'object' && condition !== null) {
    const [entry, ...rest] = Object.entries(condition);
    if (entry !== undefined && rest.length === 0 && typeof entry[1] === 'string')
      return ['eq', entry[0], entry[1]];
  }
  throw document('Invalid condition.');
}

function invalid(reason: string): S3Error {
  return accessDenied(`Invalid according to Policy: ${reason}`);
}

function document(reason: string): S3Error {
  return new S3Error(400, 'InvalidPolicyDocument', `Invalid Policy: ${reason}`);
}

/** `whole` is false while the file is still arriving. @throws S3Error if a file of this size is not allowed */
export function checkSize(bytes: number, { min, max }: SizeRange, whole: boolean): void {
  if (bytes > max)
    throw new S3Error(400, 'EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size', {
      ProposedSize: bytes,
      MaxSizeAllowed: max,
    });
  if (whole && bytes < min)
    throw new S3Error(
      400,
      'EntityTooSmall',
      'Your proposed upload is smaller than the minimum allowed size',
      {
        ProposedSize: bytes,
        MinSizeAllowed: min,
      },
    );
}
