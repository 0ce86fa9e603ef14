import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { SluiceConfig } from '../../lib/config/schema.ts';
import { elsewhere } from './own-app.ts';
import { type Pinned, pinnedIn, stateful } from './stateful.ts';
import { synthesise } from './synthesis.ts';

/*
 * Renaming or moving a construct changes the logical ids of its resources: CloudFormation creates new ones and deletes the
 * old. The tables in logical-ids.md list those that must stay. To rewrite them after an intended change:
 * SLUICE_WRITE_IDS=1 npx vitest run --project infra test/infra/logical-ids.test.ts
 */
const file = join(import.meta.dirname, 'logical-ids.md');
const write = process.env.SLUICE_WRITE_IDS !== undefined;

const stages: Record<string, Partial<SluiceConfig>> = {
  'prod, with a database of its own': {},
  'prod, with an existing database': elsewhere,
};

function pinnedOf(config: Partial<SluiceConfig>): Pinned[] {
  const { data, pipeline } = synthesise(config);
  const ofData = data === undefined ? [] : pinnedIn('SluiceProdData', data);
  return [...ofData, ...pinnedIn('SluiceProdPipeline', pipeline)];
}

const cell = (text: string) => text.replaceAll('|', '\\|');
const row = ({ stack, type, id, made }: Pinned) => `| ${[stack, type, id, made].map(cell).join(' | ')} |`;
const key = ({ stack, type, id }: Pinned) => `${type} ${id} of ${stack}`;

/** The rows of a stage's table. */
function written(stage: string): Pinned[] {
  const [, table = ''] = readFileSync(file, 'utf8').split(`## ${stage}\n`);
  return (table.split('\n## ')[0] ?? '')
    .split('\n')
    .filter((line) => line.startsWith('| Sluice'))
    .map((line) => {
      const [stack = '', type = '', id = '', made = ''] = line
        .slice(2, -2)
        .split(/ \| /)
        .map((text) => text.replaceAll('\\|', '|').trim());
      return { stack, type, id, made };
    });
}

const lossOf = ({ type }: Pinned) =>
  type === 'output'
    ? 'a missing output for people and scripts'
    : type === 'export'
      ? 'a deploy that fails: the other stack imports this name'
      : (stateful[type]?.loss ?? 'unknown');

/** What a deploy of `now` over `before` would lose. */
function losses(before: Pinned[], now: Pinned[]): string[] {
  const found = new Map(now.map((one) => [key(one), one]));
  return before.flatMap((one) => {
    const same = found.get(key(one));
    if (same === undefined) return [`${key(one)} is missing. A deploy would result in ${lossOf(one)}.`];
    if (same.made === one.made) return [];
    return [`${key(one)} has changed (${one.made} → ${same.made}). A deploy would result in ${lossOf(one)}.`];
  });
}

if (write) {
  const tables = Object.entries(stages).map(([stage, config]) =>
    [
      `## ${stage}`,
      '',
      '| stack | type | logical id or name | made with |',
      '|---|---|---|---|',
      ...pinnedOf(config).map(row),
      '',
    ].join('\n'),
  );
  const head =
    '# What must stay\n\nResources that hold something, and names that others hold on to. `logical-ids.test.ts` compares.\n\n';
  writeFileSync(file, head + tables.join('\n'));
}

describe.each(Object.entries(stages))('%s', (stage, config) => {
  const now = pinnedOf(config);
  const before = existsSync(file) ? written(stage) : [];

  it('the template keeps every stateful resource and every name that others depend on', () => {
    expect(before.length).toBeGreaterThan(20);
    expect(losses(before, now)).toEqual([]);
  });

  it('the table lists every stateful resource', () => {
    const known = new Set(before.map(key));
    expect(now.filter((one) => !known.has(key(one))).map(row), 'add them to logical-ids.md').toEqual([]);
  });
});

describe('a refactor that moves a construct', () => {
  it('a refactoring that moves a construct fails with a list of what a deploy would lose', () => {
    const before = pinnedOf({});
    const bucket = before.find(({ type }) => type === 'AWS::S3::Bucket') as Pinned;
    const moved = before.map((one) => (one === bucket ? { ...one, id: 'MovedBucket' } : one));
    expect(losses(before, moved)).toEqual([
      `${key(bucket)} is missing. A deploy would result in a new, empty bucket: the images remain in the old one and are not found.`,
    ]);
  });
});
