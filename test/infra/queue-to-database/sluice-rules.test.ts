import { Duration, Token } from 'aws-cdk-lib';
import { expect, it } from 'vitest';
import { SluiceRules } from '../../../lib/sluice.ts';
import { type Changes, findingsBy, shop } from './shop.ts';

const findings = (changes: Changes, except: string[] = []) => {
  const rules = new SluiceRules({ maxConnections: 100, reserve: 10, except: ['Wildcards', ...except] });
  return findingsBy(rules, shop(changes).app);
};
const unreported = { event: { reportBatchItemFailures: false } };

it('SluiceRules judge a queue in front of a function that reaches Postgres, and errors are fatal', () => {
  expect(findings({})).toEqual([]);
  expect(findings(unreported)).toEqual([
    expect.stringMatching(/^BatchFailures fatal Shop\/Worker\/SqsEventSource/),
  ]);
  expect(findings(unreported, ['BatchFailures'])).toEqual([]);
});

it('SluiceRules judge only sizes of a queue in front of another function', () => {
  const alone = { vpc: undefined, vpcSubnets: undefined, securityGroups: undefined };
  expect(findings({ ...unreported, worker: alone })).toEqual([]);
  const slow = { ...alone, timeout: Duration.seconds(11) };
  expect(findings({ ...unreported, worker: slow })).toEqual([
    expect.stringMatching(/^Visibility fatal Shop\/Orders/),
  ]);
});

it('SluiceRules report what a template does not contain', () => {
  const database = { queue: { visibilityTimeout: Duration.seconds(Token.asNumber({ Ref: 'AWS::Region' })) } };
  expect(findings(database)).toEqual([
    expect.stringMatching(/^Unknown info Shop\/Orders: not judged by Visibility/),
  ]);
  expect(findings(database, ['Unknown'])).toEqual([]);
});
