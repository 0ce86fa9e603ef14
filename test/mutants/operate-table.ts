import type { Row } from './table.ts';

/** The same of what operators ask for, and of the account that is asked before a deploy. */
export const operateTable: readonly Row[] = [
  {
    file: 'lambda/api/authentication.ts',
    from: 'Math.min(1000 * keyCacheSeconds, endsInMs ?? Infinity)',
    to: '1000 * keyCacheSeconds',
    loses: 'a key that was rotated is taken for longer than its overlap',
    tests: ['test/unit/api/front-door.test.ts'],
  },
  {
    file: 'lambda/operate/keys.ts',
    from: 'except: [sha256], ',
    to: '',
    loses: 'a rotation ends the key that it made',
    tests: ['test/unit/operate/keys.test.ts'],
  },
  {
    file: 'lambda/operate/keys.ts',
    from: 'if (found.tenant !== tenant)',
    to: "if (found.tenant === '')",
    loses: "a key of another tenant's is said to have been revoked before",
    tests: ['test/unit/operate/keys.test.ts'],
  },
  {
    file: 'lambda/postgres/connection/certificates.ts',
    from: 'return certificates.filter((one) =>',
    to: 'return certificates.filter((one) => true ||',
    loses: 'a server is believed by the roots of every region',
    tests: ['test/unit/postgres/rds-roots.test.ts'],
  },
  {
    file: 'lib/bundling/rds-roots.ts',
    from: 'if (sha256 !== rdsRootsSha256)',
    to: "if (sha256 === '')",
    loses: 'whoever changes the file of roots decides whom the functions trust',
    tests: ['test/unit/postgres/rds-roots.test.ts'],
  },
  {
    file: 'lib/preflight/evaluate/lambda.ts',
    from: 'unreserved + here - unreservedExecutions',
    to: 'unreserved - unreservedExecutions',
    loses: 'a stage that stands is not deployed again where executions are scarce',
    tests: ['test/unit/preflight/preflight.test.ts'],
  },
  {
    file: 'lib/preflight/preflight.ts',
    from: ": { verdict: 'unknown' }),",
    to: ": { verdict: 'blocks', advice: '' }),",
    loses: 'who may not ask may not deploy',
    tests: ['test/unit/preflight/preflight.test.ts'],
  },
  {
    file: 'lib/preflight/leftovers.ts',
    from: " && tag('stack-id') !== living?.StackId",
    to: '',
    loses: 'what a stage has is called left over, with the command that deletes it',
    tests: ['test/unit/preflight/region.test.ts'],
  },
];
