import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const pom = join(import.meta.dirname, 'pom.xml');

/** Set by `.ci/run`: a machine without a broker fails the tests instead of skipping them. */
const required = process.env.SLUICE_KAFKA_REQUIRED === 'yes';

/** Folder of the broker's jars (43 MB), outside the repository; its name has the digest of pom.xml. */
function jarFolder(): string {
  const digest = createHash('sha256').update(readFileSync(pom)).digest('hex').slice(0, 12);
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  return join(cache, 'sluice', `kafka-${digest}`);
}

function has(program: string, ...version: string[]): boolean {
  try {
    execFileSync(program, version, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/**
 * Why there is no broker on this machine, or undefined if there is one. Tests skip with this reason.
 * @throws Error with the reason where SLUICE_KAFKA_REQUIRED is `yes`.
 */
export function kafkaMissing(): string | undefined {
  const missing = has('java', '-version')
    ? existsSync(jarFolder()) || has('mvn', '--version')
      ? undefined
      : 'Maven is not installed'
    : 'Java is not installed';
  if (missing !== undefined && required) throw new Error(`The Kafka broker cannot run: ${missing}.`);
  if (missing !== undefined) process.stderr.write(`SKIPPED, ${missing}: tests with a real Kafka broker\n`);
  return missing;
}

/** Classpath of the broker. The first call on a machine downloads the jars from Maven Central (about 30 s). */
export async function brokerClasspath(): Promise<string> {
  const folder = jarFolder();
  if (!existsSync(folder)) {
    mkdirSync(dirname(folder), { recursive: true });
    const fetching = mkdtempSync(`${folder}-`);
    await run('mvn', [
      ...['-B', '-q', '-f', pom, 'dependency:copy-dependencies'],
      ...['-DincludeScope=runtime', `-DoutputDirectory=${fetching}`],
    ]);
    try {
      renameSync(fetching, folder);
    } catch (error) {
      // Another test file was faster.
      if (!existsSync(folder)) throw error;
      rmSync(fetching, { recursive: true });
    }
  }
  return join(folder, '*');
}
