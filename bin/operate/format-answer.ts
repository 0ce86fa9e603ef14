import type { AnsweredKey, KeyChange } from '../../lambda/migrate/keys.ts';
import type { Inspected, InspectedInFull } from '../../lambda/postgres/images/inspection.ts';
import type { TenantFacts } from '../../lambda/postgres/tenants/tenants.ts';

/** The type after JSON: a Date becomes text. */
type Sent<T> = T extends Date ? string : T extends object ? { [Key in keyof T]: Sent<T[Key]> } : T;

/** All responses of `migrate`. */
export interface Answers {
  applied?: string[];
  tenant?: string;
  apiKey?: string;
  tenants?: Sent<TenantFacts>[];
  keys?: AnsweredKey[];
  key?: AnsweredKey;
  image?: Sent<InspectedInFull>;
  images?: (Sent<Inspected> & { next: string })[];
  next?: string;
  more?: boolean;
  note?: string;
}

/** Formats a response for a person. */
export function formatAnswer(answer: Answers): string {
  const { tenant = '?' } = answer;
  if (answer.applied !== undefined) return migrated(answer);
  if (answer.tenants !== undefined) return tenantsInWords(answer.tenants, answer.more);
  if (answer.keys !== undefined)
    return answer.keys.length === 0 ? `${tenant} has no keys.` : table(answer.keys.map(keyRow), keyHead);
  if (answer.key !== undefined) return `It is a key of ${tenant}:\n${table([keyRow(answer.key)], keyHead)}`;
  if (answer.image !== undefined) return imageInWords(answer.image, answer.next ?? '');
  if (answer.images !== undefined) return imagesInWords(tenant, answer.images, answer.more);
  return changeInWords(answer as KeyChange);
}

function migrated({ applied = [], tenant, apiKey }: Answers): string {
  const lines = [applied.length === 0 ? 'The database is up to date.' : `Applied ${applied.join(', ')}.`];
  if (tenant !== undefined) lines.push(`The tenant ${tenant} is there.`);
  if (apiKey !== undefined) lines.push(`API key, told this once: ${apiKey}`);
  return lines.join('\n');
}

function tenantsInWords(tenants: Sent<TenantFacts>[], more = false): string {
  if (tenants.length === 0) return 'There are no tenants.';
  const rows = tenants.map(({ tenant, createdAt, livingKeys }) => [
    tenant,
    String(livingKeys),
    minute(createdAt),
  ]);
  return `${table(rows, ['tenant', 'keys', 'since'])}${more ? `\nMore: --after ${tenants.at(-1)?.tenant}` : ''}`;
}

const keyHead = ['key', 'state', 'made', 'ends'];
const keyRow = ({ id, state, createdAt, endsAt }: AnsweredKey) => [
  id,
  state,
  minute(createdAt),
  endsAt === null ? '' : minute(endsAt),
];

function changeInWords({ tenant, apiKey, made, ended, endedBefore, living, note }: KeyChange): string {
  const verbs = ended.some(({ state }) => state === 'ending') ? 'End later' : 'Revoked';
  return [
    ...(apiKey === undefined ? [] : [`API key ${made} of ${tenant}: ${apiKey}`]),
    ...(ended.length === 0 ? [] : [`${verbs}:\n${table(ended.map(keyRow), keyHead)}`]),
    ...(endedBefore.length === 0 ? [] : [`Ended before:\n${table(endedBefore.map(keyRow), keyHead)}`]),
    `${living} ${living === 1 ? 'key opens' : 'keys open'} ${tenant}. ${note}`,
  ].join('\n');
}

function imagesInWords(tenant: string, images: NonNullable<Answers['images']>, more = false): string {
  if (images.length === 0) return `${tenant} has none.`;
  const lines = images.map(({ id, status, failures, lastError, next }) =>
    [
      `${id}  ${status}${failures === 0 ? '' : `, ${failures} failures`}`,
      ...(lastError === null ? [] : [`    last error: ${lastError}`]),
      `    ${next}`,
    ].join('\n'),
  );
  return [...lines, ...(more ? ['There are more: --limit takes up to 100.'] : [])].join('\n');
}

function imageInWords(image: Sent<InspectedInFull>, next: string): string {
  const { declared, found, variants, leaseSeconds, leaseStage } = image;
  const rows: [string, string | null][] = [
    ['image', image.id],
    ['tenant', image.tenant],
    ['status', image.status],
    ['made', minute(image.createdAt)],
    ['changed', minute(image.updatedAt)],
    ['message sent', image.enqueuedAt === null ? null : minute(image.enqueuedAt)],
    ['deleted', image.deletedAt === null ? null : minute(image.deletedAt)],
    ['declared', `${declared.contentType}, ${declared.bytes} bytes`],
    [
      'found',
      found === null ? null : `${found.contentType}, ${found.bytes} bytes, ${found.width} × ${found.height}`,
    ],
    ['version', image.originalVersion],
    ['more uploads', image.extraUploads === 0 ? null : String(image.extraUploads)],
    ['attempt', String(image.attempt)],
    ['failures', String(image.failures)],
    ['last error', image.lastError],
    ['tenant reads', image.errorCode === null ? null : `${image.errorCode}: ${image.errorDetail ?? ''}`],
    [
      'lease',
      leaseSeconds === null ? null : `${Math.round(leaseSeconds)} s left, ${leaseStage ?? 'no stage'}`,
    ],
    ['dead letter', image.status === 'failed' ? (image.deadLettered ? 'sent' : 'not sent') : null],
    ['presets', image.presets.join(', ')],
    [
      'variants',
      variants.map((one) => `${one.preset} ${one.format} ${one.width} × ${one.height}`).join(', ') || null,
    ],
  ];
  const told = rows.filter((row): row is [string, string] => row[1] !== null);
  return `${table(told)}\n\n${next}`;
}

/** To the minute, in UTC, as in logs. */
const minute = (time: string) => `${time.slice(0, 16).replace('T', ' ')}Z`;

function table(rows: readonly (readonly string[])[], head?: readonly string[]): string {
  const all = head === undefined ? rows : [head, ...rows];
  const widths = (all[0] ?? []).map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
