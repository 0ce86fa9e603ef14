import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { findLocalStack } from '../../../local/localstack/find.ts';
import { startByScript } from '../../../local/localstack/script.ts';

/** Starts LocalStack by this script. Nothing listens on port 9. */
function start(script: string) {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-script-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'start'), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, 'start'), 0o755);
  return startByScript({ folder, port: 9, environment: process.env, onProgress: () => undefined });
}

describe('the script that starts LocalStack', () => {
  it('without Python 3.13 or its packages the script reports why LocalStack is unavailable', async () => {
    expect(await start('echo "localstack: needs Python 3.13; set one" >&2; exit 1')).toMatch(/Python 3\.13/);
    const offline = 'echo "localstack: installing (about a minute)" >&2; echo "no such host" >&2; exit 1';
    expect(await start(offline)).toBe('It could not be installed: no such host');
  });

  it('an installed LocalStack that does not start is a failure, not a reason to skip', async () => {
    const broken = 'echo "localstack: installing" >&2; echo "localstack: did not start" >&2; exit 1';
    await expect(start(broken)).rejects.toThrow('did not start');
    await expect(start('echo "a broken log" >&2; exit 1')).rejects.toThrow('a broken log');
  });

  it('the script prints the endpoint, and a second script stops LocalStack', async () => {
    expect(
      await start('echo AWS_ENDPOINT_URL=http://127.0.0.1:9; echo LOCALSTACK_LOG=/nowhere'),
    ).toMatchObject({
      endpoint: 'http://127.0.0.1:9',
      caps: true,
      ends: [[expect.stringMatching(/stop$/), '9']],
    });
  });
});

it('a configured endpoint that does not respond is a failure, without a fallback', async () => {
  const environment = { SLUICE_TEST_ENDPOINT: 'http://127.0.0.1:9' };
  const search = { projectRoot: tmpdir(), port: 9, environment, onProgress: () => undefined };
  await expect(findLocalStack(search)).rejects.toThrow('where no LocalStack responds');
});
