import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { redact } from '../../../lambda/runtime/redaction.ts';

const root = join(import.meta.dirname, '../../..');
const apiKey = `sluice_${'aZ09_-'.repeat(7)}x`;
const signed = 'https://bucket.s3.amazonaws.com/derived/a/b.webp?X-Amz-Date=1&X-Amz-Signature=abcdef';

/** The lines that a function writes, in a process of its own as on Lambda. */
function linesOf(code: string, level = 'INFO'): Record<string, unknown>[] {
  const script = `
    import { openLogger } from './lambda/runtime/logger.ts';
    const log = openLogger('process');
    ${code}`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd: root,
    env: { PATH: process.env.PATH, LOG_LEVEL: level },
    encoding: 'utf8',
  });
  // Warnings and errors go to stderr; Lambda keeps both streams alike.
  return `${stdout}\n${stderr}`
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('the log', () => {
  it('the log writes one line of JSON per call, with the function and the remembered fields until they are forgotten', () => {
    const lines = linesOf(`
      log.debug('not at this level');
      log.remember({ requestId: 'r-1' });
      log.info('Processed', { imageId: 'i-1' });
      log.forget();
      log.warn('next');`);
    expect(lines).toMatchObject([
      { level: 'INFO', message: 'Processed', service: 'process', requestId: 'r-1', imageId: 'i-1' },
      { level: 'WARN', message: 'next' },
    ]);
    expect(lines[1]).not.toHaveProperty('requestId');
    expect(lines[1]).not.toHaveProperty('imageId');
  });

  it('the log writes an error with its cause, and its stack only at the level DEBUG', () => {
    const code = `log.error('Failed', { error: new Error('outer', { cause: new TypeError('inner') }) });`;
    const [line] = linesOf(code);
    expect(line).toMatchObject({
      error: { message: 'outer', cause: { name: 'TypeError', message: 'inner' } },
    });
    expect(JSON.stringify(line)).not.toContain('"stack"');
    expect(JSON.stringify(linesOf(code, 'DEBUG'))).toContain('"stack"');
  });

  it('the log contains no key and no signed query, in whatever field they are', () => {
    const text = JSON.stringify(
      linesOf(`
        const key = ${JSON.stringify(apiKey)}, url = ${JSON.stringify(signed)};
        log.info('for ' + key + ' at ' + url, { headers: { Authorization: 'Bearer ' + key }, list: [{ url }] });
        log.error('Failed', { error: new Error('GET ' + url + ' with ' + key) });`),
    );
    expect(text).not.toContain(apiKey);
    expect(text).not.toContain('abcdef');
    expect(text).toContain('https://bucket.s3.amazonaws.com/derived/a/b.webp?[redacted]');
  });
});

describe('redaction', () => {
  it.each([
    ['password', 'hush', '[redacted]'],
    ['DATABASE_PASSWORD', 'hush', '[redacted]'],
    ['x-api-key', 'hush', '[redacted]'],
    ['apiKey', 'hush', '[redacted]'],
    ['DATABASE_SECRET_ARN', 'arn:aws:x', 'arn:aws:x'],
    ['note', 'Bearer abc.def and more', 'Bearer [redacted] and more'],
    ['note', 'postgresql://me:hush@host/db', 'postgresql://me:[redacted]@host/db'],
    ['url', 'https://host/path?page=2', 'https://host/path?page=2'],
    ['count', 3, 3],
    ['token', undefined, undefined],
  ])('redaction of %s = %s gives %s', (name, value, expected) => {
    expect(redact(name, value)).toBe(expected);
  });
});
