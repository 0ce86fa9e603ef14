import { createHash } from 'node:crypto';
import { parseArgs } from 'node:util';

/** Invalid command; the message has the reason. */
export class CommandMistake extends Error {
  override readonly name = 'CommandMistake';
}

export interface Command {
  event: Record<string, unknown>;
  /** The output of the stack that names the function for the event. */
  output: 'MigrateFunction' | 'OperateFunction';
  stage: string;
  functionName: string | undefined;
  profile: string | undefined;
  region: string | undefined;
  json: boolean;
}

const options = {
  after: { type: 'string' },
  all: { type: 'boolean' },
  overlap: { type: 'string' },
  limit: { type: 'string' },
  hours: { type: 'string' },
  stage: { type: 'string' },
  function: { type: 'string' },
  profile: { type: 'string' },
  region: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;
type Given = ReturnType<typeof parsed>['values'];
/** Options of single commands; all commands take the others. */
const particular = ['after', 'all', 'overlap', 'limit', 'hours'] as const;

/** A command: its words, its options, and its event. JSON leaves out fields that are undefined. */
interface Form {
  takes?: string[];
  options?: (typeof particular)[number][];
  event(words: string[], given: Given, readInput: () => string): Record<string, unknown>;
}

const images = (which: string): Form => ({
  takes: ['TENANT'],
  options: ['limit'],
  event: ([tenant], { limit }) => ({
    operation: 'listImages',
    tenant,
    which,
    limit: count(limit, '--limit'),
  }),
});
const forms = new Map(
  Object.entries<Form>({
    'tenants list': { options: ['after'], event: (_, { after }) => ({ operation: 'listTenants', after }) },
    'tenants create': { takes: ['NAME'], event: ([tenant]) => ({ operation: 'makeTenant', tenant }) },
    'keys list': { takes: ['TENANT'], event: ([tenant]) => ({ operation: 'listKeys', tenant }) },
    'keys find': {
      takes: ['KEY'],
      event: ([key], _, readKey) => ({ operation: 'findKey', key: hashOf(key, readKey) }),
    },
    'keys create': { takes: ['TENANT'], event: ([tenant]) => ({ operation: 'makeKey', tenant }) },
    'keys revoke': {
      takes: ['TENANT', 'KEY (or --all)'],
      event: ([tenant, key], _, readKey) => ({ operation: 'revokeKey', tenant, key: hashOf(key, readKey) }),
    },
    'keys revoke --all': {
      takes: ['TENANT'],
      options: ['all'],
      event: ([tenant]) => ({ operation: 'revokeAllKeys', tenant }),
    },
    'keys rotate': {
      takes: ['TENANT'],
      options: ['overlap'],
      event: ([tenant], { overlap }) => ({
        operation: 'rotateKeys',
        tenant,
        overlapSeconds: seconds(overlap),
      }),
    },
    'images unfinished': images('unfinished'),
    'images failed': images('failed'),
    'images rejected': images('rejected'),
    image: { takes: ['ID'], event: ([image]) => ({ operation: 'showImage', image }) },
    'plans list': { event: () => ({ operation: 'listPlans' }) },
    'plans set': {
      takes: ['NAME', 'TERMS'],
      event: ([plan, terms], _, read) => ({ operation: 'setPlan', plan, terms: jsonOf(terms, read) }),
    },
    'plans remove': { takes: ['NAME'], event: ([plan]) => ({ operation: 'removePlan', plan }) },
    'plans give': {
      takes: ['TENANT', 'NAME'],
      event: ([tenant, plan]) => ({ operation: 'givePlan', tenant, plan }),
    },
    quota: { takes: ['TENANT'], event: ([tenant]) => ({ operation: 'showUse', tenant }) },
    usage: {
      takes: ['TENANT'],
      options: ['hours'],
      event: ([tenant], { hours }) => ({ operation: 'showUsage', tenant, hours: count(hours, '--hours') }),
    },
    'audit verify': {
      takes: ['TENANT'],
      options: ['after'],
      event: ([tenant], { after }) => ({ operation: 'verifyAudit', tenant, after }),
    },
    migrate: { event: () => ({}) },
  }),
);

/**
 * Parses a command line.
 * @param readKey reads `-`: standard input, which keeps keys out of the shell's history.
 * @returns undefined if help is requested.
 * @throws CommandMistake
 */
export function readCommand(args: readonly string[], readKey: () => string): Command | undefined {
  const { values, positionals } = parsed(args);
  if (values.help || positionals.length === 0) return undefined;
  const length = forms.has(positionals[0] ?? '') ? 1 : 2;
  const name = positionals.slice(0, length).join(' ');
  const words = positionals.slice(length);
  const form = forms.get(name === 'keys revoke' && values.all ? `${name} --all` : name);
  if (form === undefined) throw new CommandMistake(`there is no command "${name}"`);
  const { takes = [], options = [] } = form;
  if (words.length !== takes.length)
    throw new CommandMistake(
      `${name} takes ${takes.join(' ') || 'no argument'}, not ${words.join(' ') || 'nothing'}`,
    );
  const odd = particular.find((option) => values[option] !== undefined && !options.includes(option));
  if (odd !== undefined) throw new CommandMistake(`${name} has no option --${odd}`);
  return {
    event: form.event(words, values, readKey),
    output: name === 'migrate' ? 'MigrateFunction' : 'OperateFunction',
    stage: values.stage ?? 'dev',
    functionName: values.function,
    profile: values.profile,
    region: values.region,
    json: values.json ?? false,
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options });
  } catch (error) {
    throw new CommandMistake(error instanceof Error ? error.message : String(error));
  }
}

/** A key never leaves this machine: the beginning of its SHA-256 is sent. */
function hashOf(given: string | undefined, readKey: () => string): string {
  const key = given === '-' ? readKey().trim() : (given ?? '');
  if (/^[0-9a-f]{8,64}$/.test(key)) return key;
  if (!/^[\x21-\x7e]{20,512}$/.test(key))
    throw new CommandMistake(
      `${given === '-' ? 'the input' : `"${given}"`} is neither a key nor the id of one`,
    );
  return createHash('sha256').update(key).digest('hex');
}

function jsonOf(given: string | undefined, read: () => string): unknown {
  const text = given === '-' ? read() : (given ?? '');
  try {
    return JSON.parse(text);
  } catch {
    throw new CommandMistake(`${given === '-' ? 'the input' : `"${text}"`} is not JSON`);
  }
}

function count(given: string | undefined, option: '--limit' | '--hours'): number | undefined {
  if (given !== undefined && !/^[1-9]\d{0,8}$/.test(given))
    throw new CommandMistake(
      `${option} ${given} is not a number${option === '--limit' ? ' of images' : ' of hours'}`,
    );
  return given === undefined ? undefined : Number(given);
}

const units = { s: 1, m: 60, h: 3_600, d: 86_400 };

function seconds(span: string | undefined): number | undefined {
  if (span === undefined) return undefined;
  const [, count, unit] = /^(\d+)([smhd])$/.exec(span) ?? [];
  if (count === undefined || unit === undefined)
    throw new CommandMistake(`--overlap ${span} is not a duration such as 90s, 30m, 24h or 7d`);
  return Number(count) * units[unit as keyof typeof units];
}
