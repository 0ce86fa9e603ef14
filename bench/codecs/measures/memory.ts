import { join } from 'node:path';
import { ask } from '../../imaging/peers/program.ts';
import type { Setting } from '../settings.ts';

/** What one encode of the picture needed in a process of its own. */
export interface Memory {
  setting: string;
  /** Peak resident size in MB, and how much of it came with the encode. */
  peakMb: number;
  aboveMb: number;
  /** Threads that the encode started, at most. */
  threads: number;
}

/**
 * Each setting in a new process, at the level in the middle of its ladder. `ppm` is the picture. What is not measured on
 * large pictures takes minutes for one, and is left out.
 */
export async function measureMemory(
  settings: readonly Setting[],
  ppm: string,
  say: (line: string) => void,
): Promise<Memory[]> {
  const found: Memory[] = [];
  for (const { name, label, ladder, scope } of settings) {
    if (scope?.upTo !== undefined) continue;
    say(`Memory: ${label}`);
    const level = ladder[Math.floor(ladder.length / 2)] as number;
    const script = join(import.meta.dirname, 'memory-process.ts');
    const answer = await ask(process.execPath, [script, name, `${level}`, ppm]);
    const { peakMb, beforeMb, threads } = JSON.parse(answer) as {
      peakMb: number;
      beforeMb: number;
      threads: number;
    };
    found.push({
      setting: name,
      peakMb: Math.round(peakMb),
      aboveMb: Math.round(peakMb - beforeMb),
      threads,
    });
  }
  return found;
}
