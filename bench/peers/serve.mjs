import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/*
 * The other end of the bench for peers in Node. JavaScript, because it runs beside the peers' packages, which the
 * project itself does not have.
 */
export const { photographs } = JSON.parse(readFileSync(process.argv[2], 'utf8'));

/** @param make a photograph's path and targets to encoded files: `[name, bytes]` each */
export function serve(make) {
  const lines = createInterface(process.stdin);
  lines.on('line', async (line) => {
    const { photograph, keep } = JSON.parse(line);
    const { path, targets } = photographs[photograph];
    const before = process.cpuUsage();
    const start = performance.now();
    const made = await make(path, targets);
    const wallMs = performance.now() - start;
    const { user, system } = process.cpuUsage(before);
    const run = {
      cpuMs: (user + system) / 1000,
      wallMs,
      peakRssMb: peakRssMb(),
      bytes: Object.fromEntries(made.map(([name, bytes]) => [name, bytes.length])),
    };
    if (keep !== undefined) for (const [name, bytes] of made) writeFileSync(join(keep, name), bytes);
    process.stdout.write(`${JSON.stringify(run)}\n`);
  });
  lines.on('close', () => process.exit());
}

/** Not maxRSS, which begins with what the process had that forked this one. */
function peakRssMb() {
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'latin1'))[1]) / 1024;
}
