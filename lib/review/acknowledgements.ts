import { catalogue } from '../catalogue/catalogue.ts';
import { innerQueue, innerQueueNames } from '../catalogue/inner-queues.ts';
import { namesWhere, queueConsumers, scheduled, triggeredBy } from '../catalogue/select.ts';

/** Accepted findings of cdk-nag, with the reason. */
export interface Acknowledgement {
  title: string;
  covers: readonly { rule: string; at: readonly string[] }[];
  /** What mitigates the risk instead, with the test, file or setting that proves it. */
  reason: string;
}

const pathsOf = (names: readonly string[]) => names.map((name) => `Images/Functions/${name}`);
export const functions = pathsOf(Object.keys(catalogue));
const policies = functions.map((path) => `${path}/Policy`);
const ofImages = pathsOf(
  namesWhere(({ mayTouch }) => mayTouch.some(({ on }) => on === 'originals' || on === 'variants')),
).map((path) => `${path}/Policy`);
const ofExports = pathsOf(namesWhere(({ mayTouch }) => mayTouch.some(({ on }) => on === 'exports'))).map(
  (path) => `${path}/Policy`,
);
const outside = pathsOf(namesWhere(({ network }) => network === 'internet'));
const capitalised = (name: string) => name.charAt(0).toUpperCase() + name.slice(1);
const schedules = scheduled().map(([name]) => `Images/${capitalised(name)}`);
const innerMappings = queueConsumers().map(({ name }) => `Images/${capitalised(name)}Mapping/Mapping`);
/** Queues between functions that have no dead-letter queue; those that are one count as such. */
const innerEnds = innerQueueNames
  .filter((queue) => innerQueue(queue).deadLetters === undefined)
  .map((queue) => `Images/Queues/${innerQueue(queue).name}`);
const methods = ['Images/Api/RestApi/Default'];
const stage = (name: string) => [`Images/Api/RestApi/DeploymentStage.${name}`];
const images = 'Images/Images/Bucket';
const accessLogs = 'Images/Images/AccessLogs/Bucket';

/**
 * All accepted findings of the rule packs, in the order in which a request passes the parts. `at` names constructs by their
 * path below the stack and covers their children; `<path.Arn>` in a rule is a construct’s ARN. An entry without a
 * finding fails test/infra/review.test.ts.
 */
export function acknowledgements(stageName: string): readonly Acknowledgement[] {
  return [
    {
      title: 'The function authenticates callers, not the gateway',
      covers: [
        { rule: 'AwsSolutions-APIG4', at: methods },
        { rule: 'AwsSolutions-COG4', at: methods },
      ],
      reason:
        'Callers are programs with their tenant’s API key, not users of a user pool. The function looks up the key’s ' +
        'SHA-256 in the database; an authorizer would need database connections of its own. Requests without a valid key ' +
        'receive 401, and requests for another tenant’s images 404: test/unit/api/front-door.test.ts, and by HTTP ' +
        'test/local/front-door.test.ts. Only the page and /health are public.',
    },
    {
      title: 'Responses are not cached',
      covers: [{ rule: 'NIST.800.53.R5-APIGWCacheEnabledAndEncrypted', at: stage(stageName) }],
      reason:
        'Without a cache there is nothing to encrypt. Responses belong to one tenant, change while an image is processed, ' +
        'and contain presigned URLs (lambda/api/endpoints/image-view.ts); a cache keyed by path would serve them to other tenants.',
    },
    {
      title: 'The gateway needs no client certificate',
      covers: [{ rule: 'NIST.800.53.R5-APIGWSSLEnabled', at: stage(stageName) }],
      reason:
        'API Gateway presents its client certificate to HTTP integrations only. Every method here invokes a function ' +
        'through the Lambda API, which authenticates the gateway by IAM: test/infra/api.test.ts.',
    },
    {
      title: 'Images are not replicated',
      covers: [{ rule: 'NIST.800.53.R5-S3BucketReplicationEnabled', at: [images, accessLogs] }],
      reason:
        'DELETE removes all versions of original and variants (test/unit/sweep/sweep.test.ts); a replica would keep them. ' +
        'Nothing is overwritten by mistake: every image has new keys, variants are put with If-None-Match ' +
        '(test/unit/aws/bucket.test.ts), and can be recreated from the original.',
    },
    {
      title: 'S3 access logs do not support a KMS key',
      covers: [{ rule: 'NIST.800.53.R5-S3DefaultEncryptionKMS', at: [accessLogs] }],
      reason:
        'A target bucket for server access logs supports SSE-S3 as default encryption only; with KMS, S3 silently delivers ' +
        'no logs. The bucket has no images, and S3 removes the signatures of presigned URLs. lib/storage/access-logs.ts.',
    },
    {
      title: 'Some resources end in a wildcard; actions never do',
      covers: [
        { rule: `AwsSolutions-IAM5[Resource::<${images}.Arn>/incoming/*]`, at: ofImages },
        { rule: `AwsSolutions-IAM5[Resource::<${images}.Arn>/derived/*]`, at: ofImages },
        { rule: `AwsSolutions-IAM5[Resource::<${images}.Arn>/exports/*]`, at: ofExports },
        { rule: 'AwsSolutions-IAM5[Resource::*]', at: [...policies, 'Images/Api/LogRole/Policy'] },
      ],
      reason:
        'Object keys are not known in advance: incoming/, derived/ and exports/ are the narrowest resources possible, and each ' +
        'function has its own actions on them (test/infra/roles.test.ts). `*` is used only where EC2 (network ' +
        'interfaces, denied to the functions’ own code), X-Ray and API Gateway’s account-wide log role support nothing ' +
        'narrower. lib/review/checks/wildcards.ts rejects wildcards in actions.',
    },
    {
      title:
        'Functions without a database reserve no concurrency, and that of webhooks is outside the network',
      covers: [
        {
          rule: 'NIST.800.53.R5-LambdaConcurrency',
          at: [...pathsOf(triggeredBy('s3-upload')), ...outside],
        },
        { rule: 'NIST.800.53.R5-LambdaInsideVPC', at: outside },
      ],
      reason:
        'enqueue has no database connection and only forwards events: nothing behind it needs a cap, and Lambda keeps ' +
        'throttled events for six hours. A reservation would count against the account’s limit, of which 100 must stay ' +
        'unreserved: lib/plan/concurrency.ts. `enqueue.maxConcurrency` sets one. The mapping of deliver is its cap, and ' +
        'nothing else invokes it (lib/queue/queue-mapping.ts). It calls the addresses of tenants, so it has no way into the ' +
        'network, no database and no rights but on two queues (test/infra/policy/matrix.test.ts). The other functions have ' +
        'a reservation: test/infra/functions.test.ts.',
    },
    {
      title: 'Failed invocations need no dead-letter queue of the function',
      covers: [
        { rule: 'NIST.800.53.R5-LambdaDLQ', at: functions },
        { rule: 'Serverless-LambdaDLQ', at: functions },
        { rule: 'Serverless-EventBusDLQ', at: schedules.map((path) => `${path}/EveryMinute`) },
        {
          rule: 'Serverless-LambdaAsyncFailureDestination',
          at: triggeredBy('schedule').map((name) => `Images/${capitalised(name)}/Asynchronous`),
        },
      ],
      reason:
        'A function’s dead-letter queue serves asynchronous invocations only. enqueue has an on-failure destination ' +
        '(test/infra/functions.test.ts), and a lost run of a schedule is followed by the next one a minute later ' +
        '(lib/compute/schedule.ts). api, migrate and operate are invoked synchronously, and process by its mapping, ' +
        'whose failed messages go to ImageJobs’ dead-letter queue (test/infra/queue.test.ts).',
    },
    {
      title: 'Dead-letter queues and alarms have no further target',
      covers: [
        {
          rule: 'Serverless-LambdaEventSourceMappingDestination',
          at: ['Images/Mapping/Mapping', ...innerMappings],
        },
        {
          rule: 'Serverless-SQSRedrivePolicy',
          at: ['Images/Jobs/DeadLetters', 'Images/FailedUploadEvents/Queue', ...innerEnds],
        },
        {
          rule: 'AwsSolutions-SQS3',
          // The pack knows dead-letter queues.
          at: ['Images/FailedUploadEvents/Queue', ...innerEnds.filter((path) => !/Stuck/.test(path))],
        },
        { rule: 'NIST.800.53.R5-CloudWatchAlarmAction', at: ['Images/ConsumerLag'] },
      ],
      reason:
        'A mapping from SQS supports no destination; ImageJobs’ redrive policy takes its place (test/infra/queue.test.ts). ' +
        'People read the dead-letter queue and the queue of failed upload events; another queue would only hide their ' +
        'messages. They keep messages for 14 days, longer than their sources: lib/review/checks/queue-retention.ts. A nudge ' +
        'of the relay says nothing that its schedule does not do within a minute; the nudge expires after two. Who is on call is not ' +
        'known here: alarms notify the topic deploy.alarmTopicArn (test/infra/consumer-lag.test.ts), and show in CloudWatch.',
    },
    {
      title: 'RDS backs up the database itself',
      covers: [{ rule: 'NIST.800.53.R5-RDSInBackupPlan', at: ['Database/Postgres', 'Database/Aurora'] }],
      reason:
        'Backups of 14 days (database.backupDays) allow point-in-time recovery; test/infra/database.test.ts covers them, ' +
        'deletion protection and retention. AWS Backup would copy the same snapshots into a vault, with a role that can ' +
        'read every database of the account. To use a vault of another account, select by the tag application.',
    },
    {
      title: 'The default security group is not emptied',
      covers: [{ rule: 'NIST.800.53.R5-VPCDefaultSecurityGroupClosed', at: ['Network/Vpc'] }],
      reason:
        'Only a custom resource could empty it: a function with permissions on security groups that runs once. The group ' +
        'admits only its members and has none: every interface here has its own group, and no group admits the default ' +
        'one (test/infra/network.test.ts). The pack reports every VPC, whatever its group allows.',
    },
    {
      title: 'RDS monitoring uses an AWS managed policy',
      covers: [
        {
          rule:
            'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/' +
            'AmazonRDSEnhancedMonitoringRole]',
          at: ['Database/MonitoringRole'],
        },
      ],
      reason:
        'RDS rejects a server whose role has fewer permissions than that policy ("does not include the required ' +
        'permissions for: ENHANCED_MONITORING"). The policy only allows writing to log groups that begin with RDS, and only ' +
        'monitoring.rds.amazonaws.com may assume the role: test/infra/database.test.ts.',
    },
  ];
}

/** A limit, so that the list remains short enough to review. */
export const maxAcknowledgements = 12;
