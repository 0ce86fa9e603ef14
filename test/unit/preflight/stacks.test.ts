import { StackStatus } from '@aws-sdk/client-cloudformation';
import { describe, expect, it } from 'vitest';
import { evaluateStack, guidOf, isDeployed } from '../../../lib/preflight/evaluate/stacks.ts';
import { stack } from './answers.ts';

const judged = (status: StackStatus) =>
  evaluateStack('SluiceProdData', stack('SluiceProdData', { StackStatus: status }), 'prod');

describe('a stack', () => {
  it.each<[string, StackStatus[]]>([
    [
      'ok',
      [
        'CREATE_COMPLETE',
        'UPDATE_COMPLETE',
        'UPDATE_ROLLBACK_COMPLETE',
        'IMPORT_COMPLETE',
        'IMPORT_ROLLBACK_COMPLETE',
      ],
    ],
    ['warning', ['ROLLBACK_COMPLETE', 'ROLLBACK_FAILED', 'REVIEW_IN_PROGRESS']],
    [
      'blocks',
      [
        'CREATE_FAILED',
        'UPDATE_FAILED',
        'UPDATE_ROLLBACK_FAILED',
        'IMPORT_ROLLBACK_FAILED',
        'DELETE_FAILED',
        'CREATE_IN_PROGRESS',
        'UPDATE_IN_PROGRESS',
        'DELETE_IN_PROGRESS',
        'ROLLBACK_IN_PROGRESS',
        'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS',
      ],
    ],
  ])('is %s in the states %j, and what is not ok says what to do', (verdict, states) => {
    for (const state of states) {
      expect(judged(state), state).toMatchObject({ verdict, says: expect.stringContaining(state) });
      if (verdict !== 'ok') expect(judged(state).advice?.length, state).toBeGreaterThan(20);
    }
  });

  it('that has to be rolled back is named as the CDK knows it', () => {
    expect(judged('UPDATE_ROLLBACK_FAILED').advice).toContain(
      'npx cdk rollback SluiceProdData -c stage=prod',
    );
  });

  it('has an answer in every state that CloudFormation knows', () => {
    // A deleted one is not described by its name.
    const open = Object.values(StackStatus).filter((state) => state !== 'DELETE_COMPLETE');
    expect(open.filter((state) => judged(state).says.includes('an unknown status'))).toEqual([]);
  });

  it('that is not there is no matter; one of somebody else’s with its name is', () => {
    expect(evaluateStack('SluiceProdData', undefined, 'prod')).toMatchObject({ verdict: 'ok' });
    expect(
      evaluateStack('SluiceProdData', stack('SluiceProdData', { Description: 'A shop' }), 'prod'),
    ).toMatchObject({
      verdict: 'blocks',
      says: expect.stringContaining('does not belong to Sluice ("A shop")'),
      advice: expect.stringContaining('deploy.name'),
    });
  });

  it('stands where its resources do', () => {
    const of = (state: StackStatus) => isDeployed(stack('one', { StackStatus: state }));
    expect([of('UPDATE_ROLLBACK_COMPLETE'), of('CREATE_COMPLETE')]).toEqual([true, true]);
    expect([
      of('ROLLBACK_COMPLETE'),
      of('REVIEW_IN_PROGRESS'),
      of('DELETE_FAILED'),
      isDeployed(undefined),
    ]).toEqual([false, false, false, false]);
  });

  it('has a GUID, of which its physical names carry the first part', () => {
    expect(guidOf(stack('one'))).toBe('1a2b3c4d');
    expect(guidOf(undefined)).toBeUndefined();
  });
});
