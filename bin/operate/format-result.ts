import type { Finding } from '../../lambda/operate/audit-trail.ts';
import type { KeyChange, KeySummary } from '../../lambda/operate/keys.ts';
import type { BoundedUse, PlanSummary } from '../../lambda/operate/plans.ts';
import type { UsageHour } from '../../lambda/postgres/analytics/reading.ts';
import type { Inspected, InspectedInFull } from '../../lambda/postgres/images/inspection.ts';
import type { TenantFacts } from '../../lambda/postgres/tenants/tenants.ts';

/** The type after JSON: a Date becomes text. */
type Sent<T> = T extends Date ? string : T extends object ? { [Key in keyof T]: Sent<T[Key]> } : T;

/** All results of `migrate` and `operate`. */
export interface Results {
  applied?: string[];
  tenant?: string;
  apiKey?: string;
  tenants?: Sent<TenantFacts>[];
  keys?: Sent<KeySummary>[];
  key?: Sent<KeySummary>;
  image?: Sent<InspectedInFull>;
  images?: (Sent<Inspected> & { next: string })[];
  plans?: PlanSummary[];
  use?: BoundedUse[];
  usage?: Sent<UsageHour>[];
  findings?: Finding[];
  unlisted?: number;
  lines?: number;
  anchor?: string;
  complete?: boolean;
  plan?: string;
  missing?: boolean;
  next?: string;
  more?: boolean;
  note?: string;
}

/** Whether a check found something, which scripts see by the exit code. */
export function isBroken({ findings = [] }: Results): boolean {
  return findings.length > 0;
}

/** Formats a result for a person. */
export function formatResult(result: Results): string {
  const { tenant = '?' } = result;
  if (result.applied?.length === 0) return 'The database is up to date.';
  if (result.applied !== undefined) return `Applied ${result.applied.join(', ')}.`;
  if (result.tenants !== undefined) return tenantsInWords(result.tenants, result.more);
  if (result.keys !== undefined)
    return result.keys.length === 0 ? `${tenant} has no keys.` : table(result.keys.map(keyRow), keyHead);
  if (result.key !== undefined) return `It is a key of ${tenant}:\n${table([keyRow(result.key)], keyHead)}`;
  if (result.image !== undefined) return imageInWords(result.image, result.next ?? '');
  if (result.images !== undefined) return imagesInWords(tenant, result.images, result.more);
  if (result.usage !== undefined) return usageInWords(tenant, result.usage);
  if (result.findings !== undefined) return trailInWords(result, result.findings);
  if (result.plans !== undefined) return plansInWords(result.plans);
  if (result.use !== undefined) return useInWords(result, result.use);
  if (result.plan !== undefined) return result.note ?? '';
  if (result.note !== undefined) return changeInWords(result as Sent<KeyChange>);
  const key = result.apiKey === undefined ? '' : `\nAPI key, shown only once: ${result.apiKey}`;
  return `The tenant ${tenant} exists.${key}`;
}

function usageInWords(tenant: string, usage: Sent<UsageHour>[]): string {
  if (usage.length === 0) return `${tenant} has no events in these hours.`;
  const rows = usage.map((one) => [
    one.hour.slice(0, 13).replace('T', ' '),
    one.type,
    one.preset || one.code || '',
    String(one.images || one.variants),
    String(one.bytes),
    one.megapixels.toFixed(1),
    one.seconds.toFixed(1),
  ]);
  return table(rows, ['hour (UTC)', 'event', 'preset or code', 'count', 'bytes', 'megapixels', 'seconds']);
}

function trailInWords(
  { tenant = '?', lines = 0, unlisted = 0, anchor, complete }: Results,
  findings: Finding[],
): string {
  const more =
    complete === false ? '\nThe time was over before the end of the trail: continue with this anchor.' : '';
  const end = `\nAnchor: ${anchor}${more}`;
  if (findings.length === 0) return `The trail of ${tenant} is whole: ${lines} lines.${end}`;
  const others = unlisted === 0 ? '' : `\n  and ${unlisted} more`;
  return `The trail of ${tenant} is broken (${lines} lines):\n${findings.map(findingInWords).join('\n')}${others}${end}`;
}

function findingInWords(found: Finding): string {
  switch (found.finding) {
    case 'changed':
      return `  line ${found.line} was changed`;
    case 'missing':
      return `  line ${found.line} is missing`;
    case 'unverifiable':
      return `  line ${found.line} cannot be verified, because the line before it is missing: it may have been changed`;
    case 'swapped':
      return `  lines ${found.line} and ${found.with} were swapped`;
    case 'missing_at_end':
      return `  the last lines are missing: ${found.line} to ${found.last}`;
    case 'end_changed':
      return `  the noted end does not fit the last line, ${found.line}`;
    case 'anchor_differs':
      return `  line ${found.line} is not the one of the anchor: the trail before it was rewritten`;
  }
}

function tenantsInWords(tenants: Sent<TenantFacts>[], more = false): string {
  if (tenants.length === 0) return 'There are no tenants.';
  const rows = tenants.map((one) => [one.tenant, String(one.validKeys), minute(one.createdAt)]);
  return `${table(rows, ['tenant', 'valid keys', 'created'])}${more ? `\nMore: --after ${tenants.at(-1)?.tenant}` : ''}`;
}

function plansInWords(plans: PlanSummary[]): string {
  if (plans.length === 0) return 'There are no plans: all tenants are unlimited.';
  const rows = plans.map(({ name, setBy, tenants, terms }) => [
    name,
    setBy,
    String(tenants),
    JSON.stringify(terms),
  ]);
  return table(rows, ['plan', 'set by', 'tenants', 'terms']);
}

function useInWords({ tenant = '?', plan, missing }: Results, use: BoundedUse[]): string {
  const gone = missing ? ', which no longer exists: the default plan applies' : '';
  const head = `${tenant} has the plan ${plan}${gone}.`;
  if (use.length === 0) return `${head} It has no quotas.`;
  const of = (used: number, bound: number | undefined) => `${Number(used.toFixed(2))} of ${bound ?? 'any'}`;
  const rows = use.map(({ resource, today, thisMonth, quota }) => [
    resource,
    of(today, quota?.perDay),
    of(thisMonth, quota?.perMonth),
    rateInWords(quota),
  ]);
  return `${head}\n${table(rows, ['resource', 'today', 'this month', 'rate'])}`;
}

function rateInWords(quota: BoundedUse['quota']): string {
  const { perSecond, perMinute, burst } = quota ?? {};
  if (perSecond === undefined && perMinute === undefined) return 'any';
  const rate = perSecond === undefined ? `${perMinute} a minute` : `${perSecond} a second`;
  return burst === undefined ? rate : `${rate}, ${burst} at once`;
}

const keyHead = ['key', 'state', 'created', 'ends'];
const keyRow = ({ id, state, createdAt, endsAt }: Sent<KeySummary>) => [
  id,
  state,
  minute(createdAt),
  endsAt === null ? '' : minute(endsAt),
];

function changeInWords(change: Sent<KeyChange>): string {
  const { tenant, apiKey, ended, endedBefore, validKeys, note } = change;
  const verbs = ended.some(({ state }) => state === 'ending') ? 'End later' : 'Revoked';
  return [
    ...(apiKey === undefined ? [] : [`API key ${change.keyId} of ${tenant}: ${apiKey}`]),
    ...(ended.length === 0 ? [] : [`${verbs}:\n${table(ended.map(keyRow), keyHead)}`]),
    ...(endedBefore.length === 0 ? [] : [`Ended before:\n${table(endedBefore.map(keyRow), keyHead)}`]),
    `${tenant} has ${validKeys} valid ${validKeys === 1 ? 'key' : 'keys'}. ${note}`,
  ].join('\n');
}

function imagesInWords(tenant: string, images: NonNullable<Results['images']>, more = false): string {
  if (images.length === 0) return `${tenant} has no such images.`;
  const lines = images.map(({ id, status, failures, lastError, next }) =>
    [
      `${id}  ${status}${failures === 0 ? '' : `, ${failures} failures`}`,
      ...(lastError === null ? [] : [`    last error: ${lastError}`]),
      `    ${next}`,
    ].join('\n'),
  );
  return [...lines, ...(more ? ['More: --limit takes up to 100.'] : [])].join('\n');
}

function imageInWords(image: Sent<InspectedInFull>, next: string): string {
  const { declared, found, variants, leaseSeconds, leaseStage } = image;
  const rows: [string, string | null][] = [
    ['image', image.id],
    ['tenant', image.tenant],
    ['status', image.status],
    ['created', minute(image.createdAt)],
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
    ['tenant sees', image.errorCode === null ? null : `${image.errorCode}: ${image.errorDetail ?? ''}`],
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
  const known = rows.filter((row): row is [string, string] => row[1] !== null);
  return `${table(known)}\n\n${next}`;
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
