import { time } from '../plan/words.ts';

/** Nothing is written before. */
const quietMs = 2_000;
const everyMs = 500;

/** Writes over one line of a terminal how far a simulation is, once it takes more than two seconds. */
export function progressWriter(write: (text: string) => void, now: () => number = () => performance.now()) {
  const began = now();
  let written = began;
  let done = '';
  let dirty = false;
  return {
    /** @param seconds of virtual time */
    at(seconds: number): void {
      if (now() - began < quietMs || now() - written < everyMs) return;
      written = now();
      dirty = true;
      write(`\r\u001b[K${done}${time(seconds)} simulated in ${time((now() - began) / 1000)}`);
    },
    done(what: string): void {
      done = `${what}: done; `;
    },
    clear(): void {
      if (dirty) write('\r\u001b[K');
      dirty = false;
    },
  };
}
