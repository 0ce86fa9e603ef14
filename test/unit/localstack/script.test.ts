import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { findLocalStack } from '../../../local/localstack/find.ts';
import { startByScript } from '../../../local/localstack/script.ts';

/** Starts by a script that says this and ends so. Nothing listens on port 9. */
function start(script: string) {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-script-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'start'), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, 'start'), 0o755);
  return startByScript({ folder, port: 9, environment: process.env, onProgress: () => undefined });
}

describe('the script that starts LocalStack', () => {
  it('is a way no further without Python 3.13, nor where its packages cannot be had', async () => {
    expect(await start('echo "localstack: needs Python 3.13; set one" >&2; exit 1')).toMatch(/Python 3\.13/);
    const offline = 'echo "localstack: installing (about a minute)" >&2; echo "no such host" >&2; exit 1';
    expect(await start(offline)).toBe('It could not be installed: no such host');
  });

  it('that is there and does not start is a failure, and no reason to pass over what it should have shown', async () => {
    const broken = 'echo "localstack: installing" >&2; echo "localstack: did not start" >&2; exit 1';
    await expect(start(broken)).rejects.toThrow('did not start');
    await expect(start('echo "a broken log" >&2; exit 1')).rejects.toThrow('a broken log');
  });

  it('says where it answers, and is ended by its sibling', async () => {
    expect(
      await start('echo AWS_ENDPOINT_URL=http://127.0.0.1:9; echo LOCALSTACK_LOG=/nowhere'),
    ).toMatchObject({
      endpoint: 'http://127.0.0.1:9',
      caps: true,
      ends: [[expect.stringMatching(/stop$/), '9']],
    });
  });
});

it('an endpoint that is named and does not answer is a failure: nothing else is taken for it', async () => {
  const environment = { SLUICE_TEST_ENDPOINT: 'http://127.0.0.1:9' };
  const search = { projectRoot: tmpdir(), port: 9, environment, onProgress: () => undefined };
  await expect(findLocalStack(search)).rejects.toThrow('where no LocalStack responds');
});
