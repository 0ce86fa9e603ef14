/** Findings of cdk-nag that stay, and why that is right. */
export interface Acknowledgement {
  title: string;
  covers: readonly { rule: string; at: readonly string[] }[];
  /** What handles the risk instead, with the test, file or setting that shows it. */
  reason: string;
}

export const functions = ['api', 'enqueue', 'process', 'sweep', 'migrate'].map(
  (name) => `Images/Functions/${name}`,
);
const policies = functions.map((path) => `${path}/Policy`);
const ofImages = ['api', 'process', 'sweep'].map((name) => `Images/Functions/${name}/Policy`);
const methods = ['Images/Api/RestApi/Default'];
const stage = (name: string) => [`Images/Api/RestApi/DeploymentStage.${name}`];
const images = 'Images/Images/Bucket';
const accessLogs = 'Images/Images/AccessLogs/Bucket';

/**
 * Every finding of the packs that is not put right: the one list, in the order of an image's way. `at` names constructs
 * by their path below the stack and covers what is in them; `<path.Arn>` in a rule stands for the ARN of a construct.
 * Whatever stands here and is found no more fails test/infra/review.test.ts.
 */
export function acknowledgements(stageName: string): readonly Acknowledgement[] {
  return [
    {
      title: 'The function, and not the gateway, knows who is asking',
      covers: [
        { rule: 'AwsSolutions-APIG4', at: methods },
        { rule: 'AwsSolutions-COG4', at: methods },
      ],
      reason:
        'Callers are programs with an API key of their tenant, not people of a user pool. The function looks the key’s ' +
        'SHA-256 up in the database; an authorizer would need connections of its own for that. Without a valid key ' +
        'there is 401, and 404 for what is another tenant’s: test/unit/api/front-door.test.ts, and by HTTP ' +
        'test/local/front-door.test.ts. Public are the page and /health alone.',
    },
    {
      title: 'Answers are not cached',
      covers: [{ rule: 'NIST.800.53.R5-APIGWCacheEnabledAndEncrypted', at: stage(stageName) }],
      reason:
        'What is not cached needs no encryption. Answers belong to one tenant, change while an image is worked on, and ' +
        'have presigned URLs in them (lambda/api/image-view.ts); a cache keyed by path would hand them to the next tenant.',
    },
    {
      title: 'There is no server behind the gateway to show a certificate to',
      covers: [{ rule: 'NIST.800.53.R5-APIGWSSLEnabled', at: stage(stageName) }],
      reason:
        'API Gateway sends its client certificate to HTTP integrations only. Every method here invokes a function by ' +
        'the API of Lambda, which authenticates the gateway by IAM: test/infra/api.test.ts.',
    },
    {
      title: 'There is one copy of an image',
      covers: [{ rule: 'NIST.800.53.R5-S3BucketReplicationEnabled', at: [images, accessLogs] }],
      reason:
        'DELETE promises that original and variants are gone (test/unit/sweep/sweep.test.ts), all versions of them; a ' +
        'replica would keep them. Nothing is overwritten by mistake: keys are new for each image, variants are put ' +
        'with If-None-Match (test/unit/aws/bucket.test.ts), and variants can be made again from the original.',
    },
    {
      title: 'S3 writes access logs into no bucket with a key of KMS',
      covers: [{ rule: 'NIST.800.53.R5-S3DefaultEncryptionKMS', at: [accessLogs] }],
      reason:
        'A target of server access logs may have SSE-S3 by default and nothing else; with KMS the logs stay away ' +
        'without a word. It holds no images, and S3 takes the signatures out of presigned URLs. lib/storage/access-logs.ts.',
    },
    {
      title: 'Resources that end in a wildcard; actions never do',
      covers: [
        { rule: `AwsSolutions-IAM5[Resource::<${images}.Arn>/incoming/*]`, at: ofImages },
        { rule: `AwsSolutions-IAM5[Resource::<${images}.Arn>/derived/*]`, at: ofImages },
        { rule: 'AwsSolutions-IAM5[Resource::*]', at: [...policies, 'Images/Api/LogRole/Policy'] },
      ],
      reason:
        'Keys of images are not known before they come: incoming/ and derived/ are the narrowest there is, and each ' +
        'function has its own actions on them (test/infra/roles.test.ts). `*` stands only where EC2 (network ' +
        'interfaces, refused to the functions’ own code), X-Ray and API Gateway’s account-wide log role know nothing ' +
        'narrower. That no action is a wildcard our own rule holds: lib/review/checks/wildcards.ts.',
    },
    {
      title: 'What takes upload events is not reserved',
      covers: [{ rule: 'NIST.800.53.R5-LambdaConcurrency', at: ['Images/Functions/enqueue'] }],
      reason:
        'It holds no connection and hands on what it is given: nothing behind it needs a cap, and what finds no room ' +
        'Lambda keeps for six hours. A reserve for it would have to be there in the account, beside the 100 that stay ' +
        'free: lib/plan/concurrency.ts. `enqueue.maxConcurrency` sets one; the other functions are reserved: ' +
        'test/infra/functions.test.ts.',
    },
    {
      title: 'What an invocation fails at is kept elsewhere',
      covers: [
        { rule: 'NIST.800.53.R5-LambdaDLQ', at: functions },
        { rule: 'Serverless-LambdaDLQ', at: functions },
        { rule: 'Serverless-EventBusDLQ', at: ['Images/Sweep/EveryMinute'] },
        { rule: 'Serverless-LambdaAsyncFailureDestination', at: ['Images/Sweep/Asynchronous'] },
      ],
      reason:
        'A dead-letter queue of a function serves asynchronous invocations. Of these enqueue has an on-failure ' +
        'destination (test/infra/functions.test.ts), and a sweep that is lost is made up for by the next one a minute ' +
        'later (lib/compute/schedule.ts). api and migrate are invoked synchronously; process is, by its mapping, and ' +
        'what it fails at goes to ImageJobs’ dead-letter queue (test/infra/queue.test.ts).',
    },
    {
      title: 'Where failed messages end',
      covers: [
        { rule: 'Serverless-LambdaEventSourceMappingDestination', at: ['Images/Mapping/Mapping'] },
        {
          rule: 'Serverless-SQSRedrivePolicy',
          at: ['Images/Jobs/DeadLetters', 'Images/FailedUploadEvents/Queue'],
        },
        { rule: 'AwsSolutions-SQS3', at: ['Images/FailedUploadEvents/Queue'] },
      ],
      reason:
        'A mapping from SQS takes no destination: ImageJobs’ own redrive policy is one (test/infra/queue.test.ts). The ' +
        'queues that it and the failed uploads end in are read by people; a further one would only hide what lies ' +
        'there. They keep 14 days, longer than their sources, by our own rule lib/review/checks/queue-retention.ts.',
    },
    {
      title: 'The database is backed up by RDS itself',
      covers: [{ rule: 'NIST.800.53.R5-RDSInBackupPlan', at: ['Database/Postgres', 'Database/Aurora'] }],
      reason:
        'Backups of 14 days (database.backupDays) bring it back to any second of them; they, deletion protection and ' +
        'what is kept are in test/infra/database.test.ts. AWS Backup would copy the same snapshots into a vault, with a role ' +
        'that may read every database of the account; who wants another account’s vault selects by the tag application.',
    },
    {
      title: 'The default security group is not emptied',
      covers: [{ rule: 'NIST.800.53.R5-VPCDefaultSecurityGroupClosed', at: ['Network/Vpc'] }],
      reason:
        'Only a custom resource can empty it, a function with rights on security groups that runs once. The group lets ' +
        'its own members in and has none: every interface here names its group, and no group lets it in ' +
        '(test/infra/network.test.ts). The pack warns of every VPC, whatever its group holds.',
    },
    {
      title: 'RDS writes its monitoring with AWS’s own policy',
      covers: [
        {
          rule:
            'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/' +
            'AmazonRDSEnhancedMonitoringRole]',
          at: ['Database/MonitoringRole'],
        },
      ],
      reason:
        'RDS refuses a server whose role may do less than that policy ("does not include the required permissions for: ' +
        'ENHANCED_MONITORING"). It writes to log groups that begin with RDS and does nothing else, and only ' +
        'monitoring.rds.amazonaws.com may take the role: test/infra/database.test.ts.',
    },
  ];
}

/** More would be a template that nobody reads the reasons of. */
export const maxAcknowledgements = 12;
