import { signalGroup } from './identity.ts';

/** Process ids of the runner's children, each the leader of its group. */
export interface RunnerPids {
  postgres: number;
  fauxqs: number;
  functions: number[];
}

/** Kills all children at once; Postgres recovers from it at the next start. */
export function killTree({ postgres, fauxqs, functions }: RunnerPids): void {
  for (const pid of [...functions, fauxqs, postgres]) signalGroup(pid, 'SIGKILL');
}
