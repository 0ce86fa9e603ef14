import { closeSync, mkdirSync, openSync, renameSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** A log is put aside once, at the start, when it has grown above this. */
const maxLogBytes = 16 * 1024 * 1024;

/**
 * The log of one function: what its processes write, and Lambda's START, END and REPORT lines between. The
 * processes hold the file themselves, so nothing is lost or held up when the runner is busy or dead.
 */
export class FunctionLog {
  readonly file: string;
  readonly descriptor: number;

  constructor(folder: string, name: string) {
    mkdirSync(folder, { recursive: true });
    this.file = join(folder, `${name}.log`);
    const size = statSync(this.file, { throwIfNoEntry: false })?.size ?? 0;
    if (size > maxLogBytes) renameSync(this.file, `${this.file}.1`);
    this.descriptor = openSync(this.file, 'a', 0o600);
  }

  write(line: string): void {
    writeSync(this.descriptor, `${line}\n`);
  }

  close(): void {
    closeSync(this.descriptor);
  }
}
