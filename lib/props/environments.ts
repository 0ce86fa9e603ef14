import { type IResource, type Stack, Token, TokenComparison } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { isServer } from '../data/existing-server.ts';
import type { ExistingResources } from './existing-resources.ts';

/**
 * Resources that the pipeline's account or region cannot use, each with its path. They would synthesise and fail in the
 * deploy or on the first image. Values known only at deployment are not checked.
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
          .map((of) => `${path}: is in ${of} ${part.env[of]}, but the pipeline is in ${stack[of]}`),
  );
  return [
    ...elsewhere,
    ...(isAlias(encryptionKey) ? [`encryptionKey: ${alias}`] : []),
    ...(isAlias(bucket?.encryptionKey) ? [`bucket: its encryptionKey ${alias}`] : []),
  ];
}

const alias = 'is an alias, which policies and log groups do not accept: pass the key itself';

function isAlias(key: IKey | undefined): boolean {
  return key !== undefined && 'aliasName' in key;
}
