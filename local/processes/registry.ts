import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { commandLine, identify, isAlive, membersOf, type ProcessIdentity, signalGroup } from './identity.ts';

/**
 * Records every process group that the runner starts, a small file each, so that the next run can end those that a
 * `kill -9` of this one orphans: a frozen environment is stopped and cannot notice it.
 */
export class ProcessRegistry {
  readonly #folder: string;
  readonly #mark: string;

  /** @param mark text in the command line of every process of this runner, such as its home folder */
  constructor(folder: string, mark: string) {
    this.#folder = folder;
    this.#mark = mark;
    mkdirSync(folder, { recursive: true });
  }

  /** Records the leader of a new process group. */
  add(pid: number): void {
    const identity = identify(pid);
    if (identity !== undefined) writeFileSync(join(this.#folder, String(pid)), identity.started);
  }

  remove(pid: number): void {
    rmSync(join(this.#folder, String(pid)), { force: true });
  }

  /** Process ids of the recorded groups. */
  list(): number[] {
    return readdirSync(this.#folder).map(Number);
  }

  /** Kills process groups of an earlier run and waits for their end. @returns their number */
  async endOrphans(): Promise<number> {
    const groups = this.list().filter((pid) => this.#isOurs(pid));
    for (const group of groups) signalGroup(group, 'SIGKILL');
    const deadline = Date.now() + 5_000;
    while (groups.some((group) => membersOf(group).length > 0) && Date.now() < deadline) await pause(10);
    for (const pid of this.list()) this.remove(pid);
    return groups.length;
  }

  /** The leader still runs, or it has ended and left members of its group with our mark. */
  #isOurs(pid: number): boolean {
    const known: ProcessIdentity = { pid, started: readFileSync(join(this.#folder, String(pid)), 'utf8') };
    if (isAlive(known)) return true;
    return identify(pid) === undefined && membersOf(pid).some((one) => commandLine(one).includes(this.#mark));
  }
}
