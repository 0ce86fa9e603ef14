import { RemovalPolicy } from 'aws-cdk-lib';
import type { ResolvedConfig } from '../config/schema.ts';

/** What becomes of a database when its stack goes, and what guards it until then. */
export interface Durability {
  removalPolicy: RemovalPolicy;
  deletionProtection: boolean;
  deleteAutomatedBackups: boolean;
  copyTagsToSnapshot: true;
}

/**
 * RETAIN_ON_UPDATE_OR_DELETE and not SNAPSHOT where data is kept: a snapshot is another server under another address that somebody must
 * restore first, it comes without the backups of the last days, and CloudFormation would delete the server, which
 * deletion protection refuses. What is kept stays up and is paid for until somebody deletes it by hand, which takes
 * two steps then. Where data is to go nothing is left, no snapshot either.
 */
export function durability({ deploy, database }: ResolvedConfig): Durability {
  const kept = deploy.removal === 'retain';
  return {
    removalPolicy: kept ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY,
    deletionProtection: kept && database.deletionProtection,
    deleteAutomatedBackups: !kept,
    copyTagsToSnapshot: true,
  };
}
