import { RemovalPolicy } from 'aws-cdk-lib';
import type { ResolvedConfig } from '../config/schema.ts';

/** Removal policy, deletion protection and backups of a database. */
export interface Durability {
  removalPolicy: RemovalPolicy;
  deletionProtection: boolean;
  deleteAutomatedBackups: boolean;
  copyTagsToSnapshot: true;
}

/**
 * Retained data uses RETAIN_ON_UPDATE_OR_DELETE and not SNAPSHOT: a snapshot must be restored to a server with another
 * address, lacks the backups of the last days, and would make CloudFormation delete the server, which deletion
 * protection refuses. A retained server runs and is billed until it is deleted by hand, in two steps. With `destroy`
 * nothing remains, not even a snapshot.
 */
export function durability({ deploy, database }: ResolvedConfig): Durability {
  const retained = deploy.removal === 'retain';
  return {
    removalPolicy: retained ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY,
    deletionProtection: retained && database.deletionProtection,
    deleteAutomatedBackups: !retained,
    copyTagsToSnapshot: true,
  };
}
