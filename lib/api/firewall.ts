import { ArnFormat, Names, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { RestApi } from 'aws-cdk-lib/aws-apigateway';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { CfnLoggingConfiguration, CfnWebACL, CfnWebACLAssociation } from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';
import { gatewayHeaders, gatewayProblems, problemDocument } from '../bundling/gateway-problems.ts';
import type { ResolvedConfig } from '../config/schema.ts';
import type { EncryptionKey } from '../encryption/keys.ts';
import { uniqueName } from '../naming/unique-name.ts';

/** Seconds over which AWS WAF counts the requests of an address. */
const windowSeconds = 300;
const throttled = 'throttled';

/**
 * AWS WAF in front of the stage. It blocks addresses that Amazon lists as bots and attackers, and any address that sends
 * more requests than the stage allows to all. Not AWS's common rule set: it blocks bodies above 8 kB and texts (SQL,
 * scripts, paths) that the random bytes of images contain by chance. A schema checks JSON bodies; SQL has only parameters.
 */
export class Firewall extends Construct {
  readonly webAcl: CfnWebACL;
  /** Of blocked requests. */
  readonly logGroup: LogGroup;

  constructor(
    scope: Construct,
    id: string,
    { deploy }: ResolvedConfig,
    restApi: RestApi,
    key: EncryptionKey,
  ) {
    super(scope, id);
    this.webAcl = new CfnWebACL(this, 'WebAcl', {
      description: 'In front of the image API',
      scope: 'REGIONAL',
      defaultAction: { allow: {} },
      visibilityConfig: metric('Requests'),
      customResponseBodies: {
        [throttled]: {
          contentType: 'APPLICATION_JSON',
          content: problemDocument(gatewayProblems.throttled, 'urn:sluice:firewall'),
        },
      },
      rules: [
        {
          name: 'Reputation',
          priority: 0,
          overrideAction: { none: {} },
          statement: {
            managedRuleGroupStatement: { vendorName: 'AWS', name: 'AWSManagedRulesAmazonIpReputationList' },
          },
          visibilityConfig: metric('Reputation'),
        },
        {
          name: 'OneAddress',
          priority: 1,
          action: {
            block: {
              customResponse: {
                responseCode: 429,
                customResponseBodyKey: throttled,
                responseHeaders: Object.entries({
                  'Retry-After': String(windowSeconds),
                  ...gatewayHeaders,
                }).map(([name, value]) => ({ name, value })),
              },
            },
          },
          statement: {
            rateBasedStatement: {
              aggregateKeyType: 'IP',
              evaluationWindowSec: windowSeconds,
              limit: deploy.requestsPerSecond * windowSeconds,
            },
          },
          visibilityConfig: metric('OneAddress'),
        },
      ],
    });
    new CfnWebACLAssociation(this, 'Association', {
      resourceArn: restApi.deploymentStage.stageArn,
      webAclArn: this.webAcl.attrArn,
    });
    this.logGroup = this.#log(deploy.logDays, key);
  }

  /** Logs blocked requests without the API key. WAF requires the prefix of the name. */
  #log(retention: number, key: EncryptionKey): LogGroup {
    const stack = Stack.of(this);
    // With the path, because a stack may have two pipelines.
    const path = Names.uniqueResourceName(this, { separator: '-', maxLength: 100 });
    const logGroupName = uniqueName(this, `aws-waf-logs-${path}`);
    key.forLogGroups(logGroupName);
    const logs = new LogGroup(this, 'Logs', {
      logGroupName,
      retention,
      encryptionKey: key.key,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    new CfnLoggingConfiguration(this, 'Logging', {
      resourceArn: this.webAcl.attrArn,
      // The ARN without its final `:*`.
      logDestinationConfigs: [
        stack.formatArn({
          service: 'logs',
          resource: 'log-group',
          resourceName: logs.logGroupName,
          arnFormat: ArnFormat.COLON_RESOURCE_NAME,
        }),
      ],
      redactedFields: [{ singleHeader: { Name: 'authorization' } }],
      loggingFilter: {
        DefaultBehavior: 'DROP',
        Filters: [
          {
            Behavior: 'KEEP',
            Requirement: 'MEETS_ANY',
            Conditions: [{ ActionCondition: { Action: 'BLOCK' } }],
          },
        ],
      },
    });
    return logs;
  }
}

/** Without sampled requests, which contain all headers. */
function metric(name: string): CfnWebACL.VisibilityConfigProperty {
  return { cloudWatchMetricsEnabled: true, metricName: name, sampledRequestsEnabled: false };
}
