import { type IResource, type Stack, Token, TokenComparison } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { isServer } from '../data/existing-server.ts';
import type { ExistingResources } from './existing-resources.ts';

/**
 * What cannot be used where the pipeline stands, each with its path: it would synthesise, and fail in the deploy or for the
 * first image. Of what is known at deploy only nothing is said.
 */
export function environmentMistakes(
  stack: Stack,
  { database, vpc, bucket, encryptionKey }: ExistingResources,
): string[] {
  const parts: [path: string, part: IResource | undefined, bound: ('account' | 'region')[]][] = [
    ['database.server', isServer(database) ? database.server : undefined, ['region']],
    ['vpc', vpc, ['region']],
    ['bucket', bucket, ['account', 'region']],
    ['encryptionKey', encryptionKey, ['region']],
  ];
  const elsewhere = parts.flatMap(([path, part, bound]) =>
    part === undefined
      ? []
      : bound
          .filter((of) => Token.compareStrings(part.env[of], stack[of]) === TokenComparison.DIFFERENT)
          .map((of) => `${path}: is in ${of} ${part.env[of]}, and the pipeline in ${stack[of]}`),
  );
  return [
    ...elsewhere,
    ...(isAlias(encryptionKey) ? [`encryptionKey: ${alias}`] : []),
    ...(isAlias(bucket?.encryptionKey) ? [`bucket: its encryptionKey ${alias}`] : []),
  ];
}

const alias = 'is an alias, which neither policies nor log groups take: give the key that it stands for';

function isAlias(key: IKey | undefined): boolean {
  return key !== undefined && 'aliasName' in key;
}
