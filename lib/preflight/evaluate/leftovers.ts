import { type CheckResult, ok, warning } from '../finding.ts';

/** Something that an earlier life of the stage has left, and how to be rid of it. */
export interface Leftover {
  kind: 'server' | 'cluster' | 'network' | 'bucket' | 'logs';
  name: string;
}

/** What can be done with each kind. */
const uses: Record<Leftover['kind'], { paid: string; use: string; remove: (name: string) => string }> = {
  server: {
    paid: 'runs and is paid for',
    use: 'its data goes on as database.connection (docs/configuration.md)',
    remove: (name) =>
      `aws rds modify-db-instance --db-instance-identifier ${name} --no-deletion-protection --apply-immediately && aws rds delete-db-instance --db-instance-identifier ${name} --final-db-snapshot-identifier ${name}-last`,
  },
  cluster: {
    paid: 'runs and is paid for',
    use: 'its data goes on as database.connection (docs/configuration.md)',
    remove: (name) =>
      `aws rds modify-db-cluster --db-cluster-identifier ${name} --no-deletion-protection --apply-immediately, delete its instances, then aws rds delete-db-cluster --db-cluster-identifier ${name} --final-db-snapshot-identifier ${name}-last`,
  },
  network: {
    paid: 'stands, and its endpoints are paid for',
    use: 'the server in it needs it',
    remove: (name) => `once its server is gone, delete its endpoints and then the VPC ${name}`,
  },
  bucket: {
    paid: 'is there and its objects are paid for',
    use: 'copy what is wanted into the new one: aws s3 sync',
    remove: (name) => `aws s3 rb s3://${name} --force (versions too: empty it in the console)`,
  },
  logs: {
    paid: 'keep what was written until it is too old',
    use: 'read them while they last',
    remove: (name) => `aws logs delete-log-group --log-group-name ${name}`,
  },
};

/** Nothing of it stands in the way: each stack has names of its own. But nobody looks after it any more. */
export function evaluateLeftovers(found: readonly Leftover[], unasked: readonly string[]): CheckResult {
  const rest = unasked.length === 0 ? '' : ` (${unasked.join('; ')})`;
  if (found.length === 0)
    return unasked.length === 0
      ? ok('nothing is left of an earlier deployment of this stage')
      : { verdict: 'unknown', says: `nothing was found of an earlier deployment of this stage${rest}` };
  const kinds = [...new Set(found.map(({ kind }) => kind))];
  const says = kinds.map((kind) => {
    const names = found.filter((one) => one.kind === kind).map(({ name }) => name);
    return `${kind} ${names.join(', ')} ${uses[kind].paid}`;
  });
  const advice = kinds.map((kind) => {
    const name = found.find((one) => one.kind === kind)?.name ?? '';
    return `${kind}: ${uses[kind].use}; to be rid of it: ${uses[kind].remove(name)}`;
  });
  return warning(
    `of an earlier deployment of this stage ${says.join('; ')}. This deploy makes new ones${rest}`,
    advice.join('\n'),
  );
}
