import type { Sent } from './protocol.ts';

/*
 * What ties a session to one connection. RDS Proxy pins it then, by its documentation ("Avoiding pinning an RDS Proxy",
 * for PostgreSQL); PgBouncer in transaction mode lets the state leak to the next client, or loses it ("SQL feature map for
 * pooling modes").
 */
const patterns: Record<string, RegExp> = {
  // The documentation makes no exception for SET LOCAL.
  '`SET`, `RESET`': /^(set|reset)\b/i,
  '`set_config`': /\bset_config\s*\(/i,
  '`PREPARE`, `EXECUTE`, `DEALLOCATE`, `DISCARD`': /^(prepare|execute|deallocate|discard)\b/i,
  'temporary tables, views and sequences': /\b(create\s+((local|global)\s+)?|into\s+)temp(orary)?\b/i,
  cursors: /^declare\b/i,
  '`LISTEN`': /^(un)?listen\b/i,
  '`LOAD`': /^load\b/i,
  'functions of sequences': /\b(nextval|setval|currval|lastval)\s*\(/i,
  'advisory locks of a session': /\bpg_(try_)?advisory_(lock|unlock)\w*\s*\(/i,
  // Not documented for RDS Proxy.
  'several statements in one message': /;\s*\S/,
};
const longText = 'a text of more than 16 kB';
const named = 'prepared statements with a name';
const call = 'the FunctionCall message';

/** Every cause, as docs/database.md lists them. */
export const causes: readonly string[] = [...Object.keys(patterns), longText, named, call];

/** The causes in what a client sent. */
export function causesIn({ message, name, text }: Sent): string[] {
  const bare = text.replaceAll(/\/\*[\s\S]*?\*\/|--.*/g, '').trim();
  return [
    ...Object.entries(patterns).flatMap(([cause, pattern]) => (pattern.test(bare) ? [cause] : [])),
    ...(Buffer.byteLength(text) > 16_384 ? [longText] : []),
    ...(name === '' ? [] : [named]),
    ...(message === 'FunctionCall' ? [call] : []),
  ];
}

/**
 * Start-up parameters that RDS Proxy takes ("Considerations for connecting to PostgreSQL") and PgBouncer 1.18 tracks. They
 * refuse others: 0A000 and 08P01.
 */
const taken = ['user', 'database', 'application_name', 'client_encoding', 'DateStyle', 'TimeZone'];
export const takenByProxy: readonly string[] = [...taken, 'extra_float_digits', 'search_path'];
export const takenByBoth: readonly string[] = taken;
