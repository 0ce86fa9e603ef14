import { Validations } from 'aws-cdk-lib';
import { FAIL_SYNTH_ON_VALIDATION_ERRORS_CONTEXT } from 'aws-cdk-lib/cx-api';
import { expect, it } from 'vitest';
import { QueueToDatabaseReview, type QueueToDatabaseReviewProps } from '../../../lib/sluice.ts';
import { stageApp } from '../synthesis.ts';
import { findings, shop } from './shop.ts';

const unsafe = { event: { reportBatchItemFailures: false } };
const failing = (props: QueueToDatabaseReviewProps = {}) => {
  const parts = shop(unsafe, { [FAIL_SYNTH_ON_VALIDATION_ERRORS_CONTEXT]: true });
  Validations.of(parts.app).addPlugins(new QueueToDatabaseReview(props));
  return parts;
};

it('an unsafe setting fails the synthesis with construct, arithmetic and fix', () => {
  expect(() => failing().app.synth()).toThrow(
    /a batch has up to 10 messages[\s\S]*Shop\/Worker\/SqsEventSource[\s\S]*Suggested fix: Return the failed messages[\s\S]*QueueToDatabase::BatchFailures/,
  );
});

it('an unsafe setting can be acknowledged where it is', () => {
  const { app, worker } = failing();
  Validations.of(worker).acknowledge({
    id: 'QueueToDatabase::BatchFailures',
    reason: 'a batch is one transaction',
  });
  expect(() => app.synth()).not.toThrow();
});

it('the severity of a rule is a setting', () => {
  const judged = (severity: QueueToDatabaseReviewProps['severity'] & object) =>
    findings(shop(unsafe).app, { severity });
  expect(judged({ BatchFailures: 'warning' })).toEqual([expect.stringMatching(/^BatchFailures warning /)]);
  expect(judged({ BatchFailures: 'off' })).toEqual([]);
  const { app, worker } = failing({ severity: { BatchFailures: 'fatal' } });
  Validations.of(worker).acknowledge({ id: 'QueueToDatabase::BatchFailures', reason: 'not accepted' });
  expect(() => app.synth()).toThrow('BatchFailures');
});

it('a warning does not fail the synthesis', () => {
  const context = { templatePaths: [] as string[], appConstruct: shop().app };
  expect(new QueueToDatabaseReview().validate(context)).toEqual({ success: true, violations: [] });
  const { app } = failing({ severity: { BatchFailures: 'warning' } });
  expect(() => app.synth()).not.toThrow();
});

it('what is unknown may fail the synthesis, or be left out', () => {
  const judged = (severity: 'error' | 'off') =>
    findings(shop({ database: { parameters: { max_connections: 'GREATEST(1, 2)' } } }).app, {
      severity: { Unknown: severity },
    });
  expect(judged('error')).toEqual([expect.stringMatching(/^Unknown error Shop\/Server/)]);
  expect(judged('off')).toEqual([]);
});

it.each<[QueueToDatabaseReviewProps, string]>([
  [{ severity: { Visible: 'off' } }, 'There is no rule Visible, only Visibility, Ceiling'],
  [{ maxConnections: 0 }, 'all: 0 is not a number of connections'],
  [{ maxConnections: { 'Shop/Server': Number.NaN } }, 'Shop/Server: NaN is not'],
  [{ reserve: -1 }, 'reserve: -1'],
  [{ defaults: { connections: 1.5 } }, 'defaults: 1.5 is not'],
  [{ functions: { 'Shop/Worker': { connections: 0 } } }, 'Shop/Worker: 0 is not'],
])('the props %o are rejected', (props, message) => {
  expect(() => new QueueToDatabaseReview(props)).toThrow(message);
});

it.each<QueueToDatabaseReviewProps>([
  { functions: { 'Shop/Wroker': {} } },
  { maxConnections: { 'Shop/Wroker': 100 } },
])('a construct path of the props that names nothing fails the synthesis: %o', (props) => {
  expect(() => failing(props).app.synth()).toThrow('There is no resource at the construct path Shop/Wroker');
});

it('our own app has no finding by the plugin', () => {
  const app = stageApp();
  const at = (name: string) => `SluiceProdPipeline/Images/Functions/${name}`;
  // `enqueue` is in the functions' security group, which the database admits, and has no database.
  const functions = { [at('process')]: { persistent: false }, [at('enqueue')]: false as const };
  const plugin = new QueueToDatabaseReview({ functions });
  Validations.of(app).addPlugins(plugin);
  const seen: unknown[] = [];
  const validate = plugin.validate.bind(plugin);
  plugin.validate = (context) => {
    const report = validate(context);
    seen.push(...report.violations);
    return report;
  };
  app.synth();
  expect(seen).toEqual([]);
});
