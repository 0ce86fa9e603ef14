import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/*
 * npm run bench -- [name] [options]: runs one benchmark or all, each a folder of bench/ with a run.ts.
 * Exits with 1 if a promise does not hold, with 2 for an unknown benchmark, option or file.
 */
interface Benchmark {
  run(args: string[], say: (line: string) => void): Promise<boolean>;
}

const folder = join(import.meta.dirname, '../bench');
const names = readdirSync(folder).filter((name) => existsSync(join(folder, name, 'run.ts')));
const [first, ...rest] = process.argv.slice(2);
const named = first !== undefined && !first.startsWith('-');
if (named && !names.includes(first)) {
  console.error(`Unknown benchmark "${first}". Benchmarks: ${names.join(', ')}.`);
  process.exit(2);
}

for (const name of named ? [first] : names) {
  console.log(`Benchmark ${name}`);
  const benchmark = (await import(join(folder, name, 'run.ts'))) as Benchmark;
  const args = named ? rest : process.argv.slice(2);
  try {
    if (!(await benchmark.run(args, (line) => console.log(line)))) process.exitCode = 1;
  } catch (error) {
    // A wrong option or a missing file has a code and needs no stack; anything else is a bug.
    if (!(error instanceof Error && 'code' in error)) throw error;
    console.error(error.message);
    process.exitCode = 2;
  }
}
