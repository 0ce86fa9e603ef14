import type { Row } from './table.ts';

/** Rows about operations and the preflight. */
export const operateTable: readonly Row[] = [
  {
    file: 'lambda/api/authentication.ts',
    from: ', livesMs: endsInMs ?? undefined',
    to: '',
    loses: 'a rotated key is accepted for longer than its overlap',
    tests: ['test/unit/api/front-door.test.ts'],
  },
  {
    file: 'lambda/migrate/event.ts',
    from: 'if (moved !== undefined)',
    to: "if (moved === '')",
    loses: 'a revocation that is sent to migrate seems to have succeeded',
    tests: ['test/unit/migrate/migrate.test.ts'],
  },
  {
    file: 'lambda/operate/keys.ts',
    from: 'except: [sha256], ',
    to: '',
    loses: 'a rotation revokes its own new key',
    tests: ['test/unit/operate/keys.test.ts'],
  },
  {
    file: 'lambda/operate/keys.ts',
    from: 'if (found.tenant !== tenant)',
    to: "if (found.tenant === '')",
    loses: "another tenant's key is reported as already revoked",
    tests: ['test/unit/operate/keys.test.ts'],
  },
  {
    file: 'lambda/postgres/connection/certificates.ts',
    from: 'return certificates.filter((one) =>',
    to: 'return certificates.filter((one) => true ||',
    loses: 'a server is trusted by the roots of every region',
    tests: ['test/unit/postgres/rds-roots.test.ts'],
  },
  {
    file: 'lib/bundling/rds-roots.ts',
    from: 'if (sha256 !== rdsRootsSha256)',
    to: "if (sha256 === '')",
    loses: 'a changed file of roots is trusted',
    tests: ['test/unit/postgres/rds-roots.test.ts'],
  },
  {
    file: 'lib/preflight/evaluate/lambda.ts',
    from: 'unreserved + here - unreservedExecutions',
    to: 'unreserved - unreservedExecutions',
    loses: 'a deployed stage cannot be updated when executions are scarce',
    tests: ['test/unit/preflight/preflight.test.ts'],
  },
  {
    file: 'lib/preflight/preflight.ts',
    from: ": { verdict: 'unknown' }),",
    to: ": { verdict: 'blocks', advice: '' }),",
    loses: 'missing permissions of the preflight block a deploy',
    tests: ['test/unit/preflight/preflight.test.ts'],
  },
  {
    file: 'lib/preflight/leftovers.ts',
    from: " && tag('stack-id') !== living?.StackId",
    to: '',
    loses: 'resources in use are reported as leftovers, with the command that deletes them',
    tests: ['test/unit/preflight/region.test.ts'],
  },
];
