import { type Duration, RemovalPolicy, type Size, Token } from 'aws-cdk-lib';
import { Architecture } from 'aws-cdk-lib/aws-lambda';

/** A CDK value cannot be converted to a configuration value; the message states what is allowed. */
export class ConversionError extends Error {
  override readonly name = 'ConversionError';
}

/** The CDK throws for a fraction; a number known only at deployment throws or is a token. */
function whole<Value>(units: string, convert: (value: Value) => number): (value: Value) => number {
  return (value) => {
    let count: number | undefined;
    try {
      count = convert(value);
    } catch {
      count = undefined;
    }
    if (count === undefined || Token.isUnresolved(count))
      throw new ConversionError(`must be whole ${units} that are known at synth`);
    return count;
  };
}

export const milliseconds = whole<Duration>('milliseconds', (time) => time.toMilliseconds());
export const seconds = whole<Duration>('seconds', (time) => time.toSeconds());
export const days = whole<Duration>('days', (time) => time.toDays());
export const bytes = whole<Size>('bytes', (size) => size.toBytes());
export const mebibytes = whole<Size>('mebibytes', (size) => size.toMebibytes());
export const gibibytes = whole<Size>('gibibytes', (size) => size.toGibibytes());

/** @throws ConversionError for SNAPSHOT, which a bucket does not support and a kept database does not use. */
export function removal(policy: RemovalPolicy): 'destroy' | 'retain' {
  switch (policy) {
    case RemovalPolicy.DESTROY:
      return 'destroy';
    case RemovalPolicy.RETAIN:
    case RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE:
      return 'retain';
    default:
      throw new ConversionError(
        `must be DESTROY or RETAIN, not ${policy.toUpperCase()}: no snapshot is made`,
      );
  }
}

/** @throws ConversionError for a custom architecture. */
export function cpu({ name }: Architecture): 'arm64' | 'x64' {
  if (name === Architecture.ARM_64.name) return 'arm64';
  if (name === Architecture.X86_64.name) return 'x64';
  throw new ConversionError(`must be ARM_64 or X86_64, not ${name}`);
}
