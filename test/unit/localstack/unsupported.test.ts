import { expect, it } from 'vitest';
import { surprises, unsupportedTypes } from '../../../local/localstack/unsupported.ts';
import { peakExecutions } from '../../behaviour/support/log-lines.ts';

const log = `
2026-11-21T12:54:36.666  WARN --- [et.reactor-1] l.s.c.resource_provider : No resource provider found for "AWS::Sluice::Gate"
2026-11-21T12:54:36.925  INFO --- [et.reactor-3] localstack.request.aws : AWS cloudformation.CreateChangeSet => 200
2026-11-21T12:54:37.342  WARN --- [et.reactor-0] l.s.c.resource_provider : No resource provider found for "AWS::Sluice::Gate"`;

it('skipped resource types are read from the log, each once, and unexpected ones are found', () => {
  expect(unsupportedTypes(log)).toEqual(['AWS::Sluice::Gate']);
  expect(surprises(log)).toEqual(['AWS::Sluice::Gate']);
  expect(surprises('')).toEqual([]);
});

it('the peak counts executions that overlap, not consecutive ones', () => {
  const line = (requestId: string, second: number, milliseconds: number) => ({
    message: 'Processed',
    timestamp: `2026-01-01T00:00:0${second}.000Z`,
    requestId,
    milliseconds,
  });
  expect(peakExecutions([])).toBe(0);
  expect(peakExecutions([line('a', 2, 1000), line('b', 3, 1000)])).toBe(1);
  expect(peakExecutions([line('a', 2, 1000), line('b', 3, 1500), line('c', 3, 500)])).toBe(2);
  // Two images of one batch are one execution.
  expect(peakExecutions([line('a', 2, 1000), line('a', 2, 1000)])).toBe(1);
});
