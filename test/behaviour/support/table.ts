import type { Stated } from './behaviours.ts';
import type { TargetKind } from './target.ts';

/** What no target of this machine can show, with where it is asserted instead. Not tested by the suite. */
const stated = [
  {
    name: 'IAM, key policies and the bucket policy decide who may do what',
    proves: 'the template says so, and tests of it walk each action of each function (`test/infra`)',
  },
  {
    name: 'The gateway throttles and validates, the firewall blocks',
    proves: 'asserted in the template (`test/infra`)',
  },
  {
    name: 'Originals and variants expire by the lifecycle rules',
    proves: 'asserted in the template (`test/infra`)',
  },
  {
    name: 'The deployment brings its own database and migrates it',
    proves:
      'asserted in the template; here the database is a real Postgres beside it, and `migrate` is invoked after the deployment',
  },
] as const;

const order: readonly TargetKind[] = ['local', 'localstack', 'aws'];
const marks: Record<TargetKind, string> = { local: '✓', localstack: '✓', aws: 'stated' };

/** docs/targets.md as it follows from the suite. */
export function targetsPage(behaviours: readonly Stated[]): string {
  const files = Map.groupBy(behaviours, ({ file }) => file);
  const cell = (on: readonly TargetKind[], kind: TargetKind) => (on.includes(kind) ? marks[kind] : '–');
  const row = (name: string, on: readonly TargetKind[], proves: string) =>
    `| ${[name, ...order.map((kind) => cell(on, kind)), proves].join(' | ')} |`;
  const rows = [...files].flatMap(([file, all]) => [
    `| **[${file.split('/').at(-1)?.replace('.test.ts', '')}](../${file})** | | | | |`,
    ...all.map(({ name, on, proves }) => row(capital(name), on, proves)),
  ]);
  return `# Where what holds

Generated from the suite \`test/behaviour\` by \`npm run targets\`; a test fails when it is not current.

| behaviour | local runner | LocalStack | AWS | what it proves |
|---|---|---|---|---|
${rows.join('\n')}
| **not by the suite** | | | | |
${stated.map(({ name, proves }) => row(name, ['aws'], proves)).join('\n')}

- **✓** the same test, word for word, runs there and is green: at the local runner in \`npm test\`, on LocalStack 4.14.0 in
  \`npm run test:localstack\` against a deployment by the plain \`cdk deploy\`, over HTTP and with the AWS SDK.
- **stated** it should hold on AWS by the same templates and the same code; nobody has run the suite there.
- **–** it cannot be shown there, or the target does not do it: the local runner has no deployment, and LocalStack checks no
  signature of a presigned POST and enforces no IAM.
`;
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
