import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resolveConfig } from '../lib/config/resolve.ts';
import { startPipeline } from '../local/pipeline.ts';
import { config } from '../sluice.config.ts';

/*
 * npm run test:contract: starts the pipeline in a temporary folder and checks it against docs/openapi.json with
 * schemathesis, a public fuzzer. Exits with 1 if that finds an error, with 2 if it cannot run. SLUICE_SCHEMATHESIS is the
 * command `st` of a virtual environment with test/fuzz/requirements.txt; by default the one on PATH.
 */
const root = join(import.meta.dirname, '..');
const command = process.env.SLUICE_SCHEMATHESIS || 'st';
const home = mkdtempSync(join(tmpdir(), 'sluice-fuzz-'));
const apiKey = `sluice_${randomBytes(32).toString('base64url')}`;
const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stopping.abort());

const pipeline = await startPipeline({
  config: resolveConfig(config),
  home,
  port: 0,
  apiKey,
  durable: false,
  onProgress: () => undefined,
  signal: stopping.signal,
});
try {
  process.exitCode = await fuzz();
} finally {
  await pipeline.stop();
  rmSync(home, { recursive: true, force: true });
}

async function fuzz(): Promise<number> {
  const fuzzer = spawn(
    command,
    [
      '--no-color',
      '--config-file',
      join(root, 'test/fuzz/schemathesis.toml'),
      'run',
      join(root, 'docs/openapi.json'),
      '--url',
      pipeline.url,
      '--header',
      `Authorization: Bearer ${apiKey}`,
    ],
    {
      // Its files, such as its database of failures, are removed with the pipeline's.
      cwd: home,
      env: { ...process.env, PYTHONPATH: join(root, 'test/fuzz'), PYTHONDONTWRITEBYTECODE: '1' },
      stdio: 'inherit',
      signal: stopping.signal,
    },
  );
  try {
    const [status] = (await once(fuzzer, 'exit')) as [number | null];
    return status ?? 1;
  } catch (error) {
    console.error(`${command} could not be run: ${error instanceof Error ? error.message : error}`);
    console.error(
      'Create a virtual environment with test/fuzz/requirements.txt and set SLUICE_SCHEMATHESIS to its bin/st.',
    );
    return 2;
  }
}
