import { describe, expect, it } from 'vitest';
import { one, text } from './reading.ts';
import { synthesise } from './synthesis.ts';

const { pipeline } = synthesise({ deploy: { requestsPerSecond: 50 } });
const acl = one(pipeline, 'AWS::WAFv2::WebACL');
const rules = acl.Properties.Rules as { Name: string; Action?: unknown; Statement: object }[];

describe('the firewall', () => {
  it('the firewall protects the API’s stage', () => {
    const stage = one(pipeline, 'AWS::ApiGateway::Stage').id;
    const association = one(pipeline, 'AWS::WAFv2::WebACLAssociation').Properties;
    expect(association.WebACLArn).toEqual({ 'Fn::GetAtt': [acl.id, 'Arn'] });
    expect(text(association.ResourceArn)).toContain(`/stages/<${stage}>`);
    expect(acl.Properties).toMatchObject({ Scope: 'REGIONAL', DefaultAction: { Allow: {} } });
  });

  it('the firewall blocks an address above the stage’s rate with a problem and a Retry-After', () => {
    const rule = rules.find(({ Name }) => Name === 'OneAddress');
    expect(rule?.Statement).toEqual({
      RateBasedStatement: { AggregateKeyType: 'IP', EvaluationWindowSec: 300, Limit: 50 * 300 },
    });
    expect(rule?.Action).toEqual({
      Block: {
        CustomResponse: {
          ResponseCode: 429,
          CustomResponseBodyKey: 'throttled',
          ResponseHeaders: [
            { Name: 'Retry-After', Value: '300' },
            { Name: 'Access-Control-Allow-Origin', Value: '*' },
            { Name: 'Access-Control-Expose-Headers', Value: expect.stringContaining('Retry-After') },
          ],
        },
      },
    });
    const bodies = acl.Properties.CustomResponseBodies as { throttled: { Content: string } };
    expect(JSON.parse(bodies.throttled.Content)).toMatchObject({ status: 429, code: 'throttled' });
  });

  it('the firewall uses Amazon’s reputation list, and no rule that inspects bodies', () => {
    const groups = rules.flatMap(({ Statement }) => {
      const group = Reflect.get(Statement, 'ManagedRuleGroupStatement') as { Name: string } | undefined;
      return group === undefined ? [] : [group.Name];
    });
    expect(groups).toEqual(['AWSManagedRulesAmazonIpReputationList']);
    expect(JSON.stringify(rules)).not.toMatch(/Body"|SizeConstraint/);
  });

  it('the firewall logs blocked requests without API keys, and samples none', () => {
    const logging = one(pipeline, 'AWS::WAFv2::LoggingConfiguration').Properties;
    expect(logging.RedactedFields).toEqual([{ SingleHeader: { Name: 'authorization' } }]);
    expect(logging.LoggingFilter).toMatchObject({
      DefaultBehavior: 'DROP',
      Filters: [{ Behavior: 'KEEP', Conditions: [{ ActionCondition: { Action: 'BLOCK' } }] }],
    });
    const group = one(pipeline, 'AWS::Logs::LogGroup', 'Firewall');
    expect(text(group.Properties.LogGroupName)).toMatch(/^aws-waf-logs-/);
    expect([logging.LogDestinationConfigs].flat().map(text)).toEqual([
      `arn:<AWS::Partition>:logs:<AWS::Region>:<AWS::AccountId>:log-group:<${group.id}>`,
    ]);
    expect(JSON.stringify(acl.Properties).match(/"SampledRequestsEnabled":(?:true|false)/g)).toEqual([
      '"SampledRequestsEnabled":false',
      '"SampledRequestsEnabled":false',
      '"SampledRequestsEnabled":false',
    ]);
  });

  it('the firewall is optional', () => {
    synthesise({ deploy: { firewall: false } }).pipeline.resourceCountIs('AWS::WAFv2::WebACL', 0);
  });
});
