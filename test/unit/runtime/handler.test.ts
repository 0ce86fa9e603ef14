import { describe, expect, it } from 'vitest';
import { lambdaHandler } from '../../../lambda/runtime/handler.ts';
import { invocation, recordingLog } from '../process/test-worker.ts';

describe('the stack of all handlers', () => {
  it('a handler passes the event and the remaining time, and returns the result of the work', async () => {
    const handler = lambdaHandler(
      recordingLog(),
      async (event: { n: number }, remaining) => event.n + remaining(),
    );
    expect(
      await handler(
        { n: 1 },
        invocation(() => 41),
      ),
    ).toBe(42);
  });

  it('a handler logs an escaped error once, rethrows it and forgets the invocation', async () => {
    const remembered: unknown[] = [];
    const log = { ...recordingLog(), remember: (fields: object) => void remembered.push(fields) };
    let forgotten = 0;
    log.forget = () => {
      forgotten += 1;
    };
    const handler = lambdaHandler(log, () => Promise.reject(new Error('mine')));
    await expect(
      handler(
        {},
        invocation(() => 1_000),
      ),
    ).rejects.toThrow('mine');
    expect(log.lines).toMatchObject([{ level: 'error', message: 'The invocation failed' }]);
    expect(remembered).toEqual([{ requestId: expect.any(String) }]);
    expect(forgotten).toBe(1);
  });

  it('a handler forgets the invocation after success, because the next one may be of another tenant', async () => {
    const log = recordingLog();
    const said: string[] = [];
    log.remember = () => void said.push('remembered');
    log.forget = () => void said.push('forgotten');
    const handler = lambdaHandler(log, async () => void said.push('worked'));
    const once = () =>
      handler(
        {},
        invocation(() => 1_000),
      );
    await once();
    await once();
    expect(said).toEqual(['remembered', 'worked', 'forgotten', 'remembered', 'worked', 'forgotten']);
  });

  it('a handler does not respond in place of work that runs to the end of its time', async () => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const handler = lambdaHandler(recordingLog(), () => promise);
    const answer = handler(
      {},
      invocation(() => 6),
    );
    setTimeout(() => resolve('done'), 30);
    expect(await answer).toBe('done');
  });
});
