import type { Stated } from './behaviours.ts';
import type { TargetKind } from './target.ts';

/** Behaviour that no target on this machine can show, with the place where it is asserted instead. */
const stated = [
  {
    name: 'IAM, key policies and the bucket policy decide who may do what',
    proves: 'asserted in the template for each action of each function (`test/infra`)',
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
      'asserted in the template; here the database is a separate Postgres, and `migrate` is invoked after the deployment',
  },
] as const;

const order: readonly TargetKind[] = ['local', 'localstack', 'aws'];
const marks: Record<TargetKind, string> = { local: '✓', localstack: '✓', aws: 'stated' };

/** docs/targets.md for the suite. */
export function targetsPage(behaviours: readonly Stated[]): string {
  const files = Map.groupBy(behaviours, ({ file }) => file);
  const cell = (on: readonly TargetKind[], kind: TargetKind) => (on.includes(kind) ? marks[kind] : '–');
  const row = (name: string, on: readonly TargetKind[], proves: string) =>
    `| ${[name, ...order.map((kind) => cell(on, kind)), proves].join(' | ')} |`;
  const rows = [...files].flatMap(([file, all]) => [
    `| **[${file.split('/').at(-1)?.replace('.test.ts', '')}](../${file})** | | | | |`,
    ...all.map(({ name, on, proves }) => row(capital(name), on, proves)),
  ]);
  return `# Tested behaviour by target

Generated from the suite \`test/behaviour\` by \`npm run targets\`; a test fails when it is not current.

| behaviour | local runner | LocalStack | AWS | what it proves |
|---|---|---|---|---|
${rows.join('\n')}
| **not in the suite** | | | | |
${stated.map(({ name, proves }) => row(name, ['aws'], proves)).join('\n')}

- **✓** the same test runs there and passes: with the local runner in \`npm test\`, on LocalStack 4.14.0 in
  \`npm run test:localstack\` against a deployment by \`cdk deploy\`, over HTTP and with the AWS SDK.
- **stated** it should hold on AWS, with the same templates and the same code; the suite has not been run there.
- **–** it cannot be shown there, or the target does not support it: the local runner has no deployment, and LocalStack
  checks no signatures of presigned POSTs and enforces no IAM.
`;
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
