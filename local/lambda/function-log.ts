import { closeSync, mkdirSync, openSync, renameSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** A log above this size is rotated at the start. */
const maxLogBytes = 16 * 1024 * 1024;

/**
 * The log of one function: the output of its processes, with Lambda's START, END and REPORT lines. Processes write to the
 * file directly, so that nothing is lost or delayed when the runner is busy or has ended.
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
