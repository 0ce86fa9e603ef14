import { type CheckResult, ok, warning } from '../finding.ts';

/** A resource left by an earlier deployment of the stage. */
export interface Leftover {
  kind: 'server' | 'cluster' | 'network' | 'bucket' | 'logs';
  name: string;
}

/** What to do with each kind. */
const uses: Record<Leftover['kind'], { paid: string; use: string; remove: (name: string) => string }> = {
  server: {
    paid: 'runs and is billed',
    use: 'keep using it as database.connection (docs/configuration.md)',
    remove: (name) =>
      `aws rds modify-db-instance --db-instance-identifier ${name} --no-deletion-protection --apply-immediately && aws rds delete-db-instance --db-instance-identifier ${name} --final-db-snapshot-identifier ${name}-last`,
  },
  cluster: {
    paid: 'runs and is billed',
    use: 'keep using it as database.connection (docs/configuration.md)',
    remove: (name) =>
      `aws rds modify-db-cluster --db-cluster-identifier ${name} --no-deletion-protection --apply-immediately, delete its instances, then aws rds delete-db-cluster --db-cluster-identifier ${name} --final-db-snapshot-identifier ${name}-last`,
  },
  network: {
    paid: 'exists, and its endpoints are billed',
    use: 'its server needs it',
    remove: (name) => `once its server is deleted, delete its endpoints and then the VPC ${name}`,
  },
  bucket: {
    paid: 'exists, and its objects are billed',
    use: 'copy its objects into the new one with aws s3 sync',
    remove: (name) => `aws s3 rb s3://${name} --force (versions too: empty it in the console)`,
  },
  logs: {
    paid: 'exist until their retention ends',
    use: 'read them until then',
    remove: (name) => `aws logs delete-log-group --log-group-name ${name}`,
  },
};

/** Leftovers never block a deploy, because every stack has unique names. They are billed but unmanaged. */
export function evaluateLeftovers(found: readonly Leftover[], notQueried: readonly string[]): CheckResult {
  const rest = notQueried.length === 0 ? '' : ` (${notQueried.join('; ')})`;
  if (found.length === 0)
    return notQueried.length === 0
      ? ok('nothing is left from an earlier deployment of this stage')
      : { verdict: 'unknown', says: `nothing was found from an earlier deployment of this stage${rest}` };
  const kinds = [...new Set(found.map(({ kind }) => kind))];
  const says = kinds.map((kind) => {
    const names = found.filter((one) => one.kind === kind).map(({ name }) => name);
    return `${kind} ${names.join(', ')} ${uses[kind].paid}`;
  });
  const advice = kinds.map((kind) => {
    const name = found.find((one) => one.kind === kind)?.name ?? '';
    return `${kind}: ${uses[kind].use}; to delete it: ${uses[kind].remove(name)}`;
  });
  return warning(
    `left from an earlier deployment of this stage: ${says.join('; ')}. This deploy creates new ones${rest}`,
    advice.join('\n'),
  );
}
