import { everyInterval } from '../interval.ts';
import { functionHost } from './function-host.ts';
import { log } from './home.ts';
import type { Part } from './part.ts';

const defaultIntervalMs = 60_000;

/** Invokes `sweep` at an interval. */
export const schedule: Part<() => void> = {
  name: 'schedule',
  start({ options, use }) {
    const host = use(functionHost);
    const onTrouble = (text: string) => use(log)(`sweep: ${text}`);
    return everyInterval(options.sweepEveryMs ?? defaultIntervalMs, async () => {
      try {
        const result = await host.invoke('sweep', {});
        if (!result.ok && !host.stopped) onTrouble(result.error.errorMessage);
      } catch (error) {
        onTrouble(error instanceof Error ? error.message : String(error));
      }
    });
  },
  stop: (end) => end(),
};
