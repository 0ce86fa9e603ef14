import { StackStatus } from '@aws-sdk/client-cloudformation';
import { describe, expect, it } from 'vitest';
import { evaluateStack, guidOf, isDeployed } from '../../../lib/preflight/evaluate/stacks.ts';
import { stack } from './account-fixtures.ts';

const evaluated = (status: StackStatus) =>
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
  ])('a stack is %s in the states %j, with advice unless it is ok', (verdict, states) => {
    for (const state of states) {
      expect(evaluated(state), state).toMatchObject({ verdict, says: expect.stringContaining(state) });
      if (verdict !== 'ok') expect(evaluated(state).advice?.length, state).toBeGreaterThan(20);
    }
  });

  it('the advice to roll back names the stack as the CDK does', () => {
    expect(evaluated('UPDATE_ROLLBACK_FAILED').advice).toContain(
      'npx cdk rollback SluiceProdData -c stage=prod',
    );
  });

  it('every state of CloudFormation is known', () => {
    // A deleted stack cannot be described by its name.
    const open = Object.values(StackStatus).filter((state) => state !== 'DELETE_COMPLETE');
    expect(open.filter((state) => evaluated(state).says.includes('an unknown status'))).toEqual([]);
  });

  it('a missing stack is fine; a foreign stack with its name blocks', () => {
    expect(evaluateStack('SluiceProdData', undefined, 'prod')).toMatchObject({ verdict: 'ok' });
    expect(
      evaluateStack('SluiceProdData', stack('SluiceProdData', { Description: 'A shop' }), 'prod'),
    ).toMatchObject({
      verdict: 'blocks',
      says: expect.stringContaining('does not belong to Sluice ("A shop")'),
      advice: expect.stringContaining('deploy.name'),
    });
  });

  it('a stack counts as deployed if its resources exist', () => {
    const of = (state: StackStatus) => isDeployed(stack('one', { StackStatus: state }));
    expect([of('UPDATE_ROLLBACK_COMPLETE'), of('CREATE_COMPLETE')]).toEqual([true, true]);
    expect([
      of('ROLLBACK_COMPLETE'),
      of('REVIEW_IN_PROGRESS'),
      of('DELETE_FAILED'),
      isDeployed(undefined),
    ]).toEqual([false, false, false, false]);
  });

  it('the first part of a stack’s GUID is used in physical names', () => {
    expect(guidOf(stack('one'))).toBe('1a2b3c4d');
    expect(guidOf(undefined)).toBeUndefined();
  });
});
