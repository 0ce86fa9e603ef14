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

/**
 * Parses a command line.
 * @param readKey reads `-`: standard input, which keeps keys out of the shell's history.
 * @returns undefined if help is requested.
 * @throws CommandMistake
 */
export function readCommand(args: readonly string[], readKey: () => string): Command | undefined {
  const { values, positionals } = parsed(args);
  if (values.help || positionals.length === 0) return undefined;
  const { after, overlap, limit, all } = values;
  const [first = '', second = '', ...words] = positionals;
  const named: Record<string, string | boolean | undefined> = { after, overlap, limit, all };

  /** Takes exactly these words and only these options. */
  const take = (names: readonly string[], options: readonly string[] = []): string[] => {
    const given =
      first === 'image' || first === 'migrate' ? [second, ...words].filter((one) => one !== '') : words;
    if (given.length !== names.length)
      throw new CommandMistake(
        `${commandName(first, second)} takes ${names.join(' ') || 'no argument'}, not ${given.join(' ') || 'nothing'}`,
      );
    const unknown = Object.keys(named).find((name) => named[name] !== undefined && !options.includes(name));
    if (unknown !== undefined)
      throw new CommandMistake(`${commandName(first, second)} has no option --${unknown}`);
    return given;
  };

  const event = ((): Record<string, unknown> => {
    switch (commandName(first, second)) {
      case 'tenants list':
        take([], ['after']);
        return { operation: 'listTenants', ...(after === undefined ? {} : { after }) };
      case 'tenants create': {
        const [tenant] = take(['NAME']);
        return { operation: 'makeTenant', tenant };
      }
      case 'keys list': {
        const [tenant] = take(['TENANT']);
        return { operation: 'listKeys', tenant };
      }
      case 'keys find': {
        const [key = ''] = take(['KEY']);
        return { operation: 'findKey', key: hashOf(key, readKey) };
      }
      case 'keys create': {
        const [tenant] = take(['TENANT']);
        return { operation: 'makeKey', tenant };
      }
      case 'keys revoke': {
        const [tenant, key = ''] = take(all ? ['TENANT'] : ['TENANT', 'KEY (or --all)'], ['all']);
        return all
          ? { operation: 'revokeAllKeys', tenant }
          : { operation: 'revokeKey', tenant, key: hashOf(key, readKey) };
      }
      case 'keys rotate': {
        const [tenant] = take(['TENANT'], ['overlap']);
        return {
          operation: 'rotateKeys',
          tenant,
          ...(overlap === undefined ? {} : { overlapSeconds: seconds(overlap) }),
        };
      }
      case 'images unfinished':
      case 'images failed':
      case 'images rejected': {
        const [tenant] = take(['TENANT'], ['limit']);
        return {
          operation: 'listImages',
          tenant,
          which: second,
          ...(limit === undefined ? {} : { limit: count(limit) }),
        };
      }
      case 'image': {
        const [image] = take(['ID']);
        return { operation: 'showImage', image };
      }
      case 'migrate':
        take([]);
        return {};
      default:
        throw new CommandMistake(`there is no command "${[first, second].join(' ').trim()}"`);
    }
  })();
  return {
    event,
    output: first === 'migrate' ? 'MigrateFunction' : 'OperateFunction',
    stage: values.stage ?? 'dev',
    functionName: values.function,
    profile: values.profile,
    region: values.region,
    json: values.json ?? false,
  };
}

function commandName(first: string, second: string): string {
  return first === 'image' || first === 'migrate' ? first : `${first} ${second}`;
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        after: { type: 'string' },
        all: { type: 'boolean' },
        overlap: { type: 'string' },
        limit: { type: 'string' },
        stage: { type: 'string' },
        function: { type: 'string' },
        profile: { type: 'string' },
        region: { type: 'string' },
        json: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new CommandMistake(error instanceof Error ? error.message : String(error));
  }
}

/** A key never leaves this machine: the beginning of its SHA-256 is sent. */
function hashOf(given: string, readKey: () => string): string {
  const key = given === '-' ? readKey().trim() : given;
  if (/^[0-9a-f]{8,64}$/.test(key)) return key;
  if (!/^[\x21-\x7e]{20,512}$/.test(key))
    throw new CommandMistake(
      `${given === '-' ? 'the input' : `"${given}"`} is neither a key nor the id of one`,
    );
  return createHash('sha256').update(key).digest('hex');
}

function count(limit: string): number {
  if (!/^[1-9]\d{0,8}$/.test(limit)) throw new CommandMistake(`--limit ${limit} is not a number of images`);
  return Number(limit);
}

const units = { s: 1, m: 60, h: 3_600, d: 86_400 };

function seconds(span: string): number {
  const [, count, unit] = /^(\d+)([smhd])$/.exec(span) ?? [];
  if (count === undefined || unit === undefined)
    throw new CommandMistake(`--overlap ${span} is not a duration such as 90s, 30m, 24h or 7d`);
  return Number(count) * units[unit as keyof typeof units];
}
