import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** Of libjxl; Debian's package libjxl-devtools has it. */
const program = 'butteraugli_main';

/** Whether the second judge is installed. */
export async function hasButteraugli(): Promise<boolean> {
  try {
    await run(program, ['--help']);
    return true;
  } catch (error) {
    // It prints its usage and exits with 1.
    return (error as { code?: unknown }).code !== 'ENOENT';
  }
}

/** The 3-norm of Butteraugli's map: less is better, below about 1 is hard to see. */
export async function butteraugli(reference: string, distorted: string): Promise<number> {
  const { stdout } = await run(program, [reference, distorted]);
  const norm = /3-norm: ([\d.]+)/.exec(stdout)?.[1];
  if (norm === undefined) throw new Error(`${program} answered "${stdout.slice(0, 200)}"`);
  return Number(norm);
}
