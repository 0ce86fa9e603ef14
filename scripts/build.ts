import { readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { buildFunctions } from '../lib/bundling/build.ts';
import { hostTarget } from '../lib/bundling/target.ts';
import { readConfig } from '../lib/config/read-config.ts';
import { resolveConfig } from '../lib/config/resolve.ts';
import { describeProblem } from '../local/problems.ts';

// `npm run build`: builds the functions as the local runner runs them, into `.build/`.
try {
  const projectRoot = resolve(import.meta.dirname, '..');
  const config = await readConfig(projectRoot, process.env.SLUICE_CONFIG);
  const functions = buildFunctions({
    config: resolveConfig(config),
    projectRoot,
    outDir: join(projectRoot, '.build'),
    target: hostTarget(),
    onProgress: (line) => console.log(line),
  });
  for (const [name, { folder }] of Object.entries(functions))
    console.log(`${name.padEnd(8)} ${kilobytes(folder).padStart(9)} kB  ${folder}`);
} catch (error) {
  console.error(`\n${describeProblem(error)}\n`);
  process.exitCode = 1;
}

function kilobytes(folder: string): string {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const bytes = files.reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
  return (bytes / 1000).toFixed(0);
}
