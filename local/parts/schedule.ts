import { scheduled } from '../../lib/catalogue/select.ts';
import { everyInterval } from '../interval.ts';
import { functionHost } from './function-host.ts';
import { log } from './home.ts';
import type { Part } from './part.ts';

/** Invokes the functions with a schedule at their intervals. */
export const schedule: Part<(() => void)[]> = {
  name: 'schedule',
  start({ options, use }) {
    const host = use(functionHost);
    return scheduled().map(([name, everySeconds]) => {
      const onTrouble = (text: string) => use(log)(`${name}: ${text}`);
      return everyInterval(options.sweepEveryMs ?? 1000 * everySeconds, async () => {
        try {
          const result = await host.invoke(name, {});
          if (!result.ok && !host.stopped) onTrouble(result.error.errorMessage);
        } catch (error) {
          onTrouble(error instanceof Error ? error.message : String(error));
        }
      });
    });
  },
  stop(ends) {
    for (const end of ends) end();
  },
};
