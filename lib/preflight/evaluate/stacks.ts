import type { Stack } from '@aws-sdk/client-cloudformation';
import { blocks, type CheckResult, ok, warning } from '../finding.ts';

/** The first part of the GUID in a stack's ARN, which its physical names contain. */
export function guidOf(stack: Pick<Stack, 'StackId'> | undefined): string | undefined {
  return /\/([0-9a-f]{8})-[0-9a-f-]+$/.exec(stack?.StackId ?? '')?.[1];
}

/** Whether a stack exists with resources. */
export function isDeployed(stack: Stack | undefined): boolean {
  return stack !== undefined && !/^(ROLLBACK_|REVIEW_|DELETE_)/.test(stack.StackStatus ?? '');
}

/** What a stack's status means for a deploy with CloudFormation and the CDK's CLI. */
export function evaluateStack(name: string, stack: Stack | undefined, stage: string): CheckResult {
  if (stack === undefined) return ok(`${name} does not exist yet`);
  const { StackStatus: status = 'without a status', StackStatusReason: reason } = stack;
  const says = `${name} is ${status}${reason === undefined ? '' : ` (${reason})`}`;
  if (!(stack.Description ?? '').startsWith('Sluice'))
    return blocks(
      `a stack named ${name} exists and does not belong to Sluice ("${stack.Description ?? 'without description'}")`,
      "set another deploy.name in sluice.config.ts, such as 'Pictures'",
    );
  switch (status) {
    case 'CREATE_COMPLETE':
    case 'UPDATE_COMPLETE':
    case 'IMPORT_COMPLETE':
    case 'UPDATE_ROLLBACK_COMPLETE':
    case 'IMPORT_ROLLBACK_COMPLETE':
      return ok(says);
    case 'ROLLBACK_COMPLETE':
    case 'ROLLBACK_FAILED':
      return warning(
        `${says}: its first deploy failed`,
        `none needed: the CDK deletes and recreates it. For the cause: aws cloudformation describe-stack-events --stack-name ${name}`,
      );
    case 'REVIEW_IN_PROGRESS':
      return warning(
        `${says}: it has a change set that was not executed`,
        'none needed: the deploy creates another one',
      );
    case 'CREATE_FAILED':
    case 'UPDATE_FAILED':
    case 'UPDATE_ROLLBACK_FAILED':
    case 'IMPORT_ROLLBACK_FAILED':
      return blocks(
        `${says}: it cannot be updated before it is rolled back`,
        `npx cdk rollback ${name} -c stage=${stage} (with --orphan <logical id> for a resource that cannot be rolled back), then deploy`,
      );
    case 'DELETE_FAILED':
      return blocks(
        `${says}: a resource could not be deleted`,
        `find it with aws cloudformation describe-stack-events --stack-name ${name}, then repeat aws cloudformation delete-stack --stack-name ${name}. Network interfaces of deleted functions hold their security group for up to 40 minutes`,
      );
    default:
      return status.endsWith('_IN_PROGRESS')
        ? blocks(
            `${says}: another deploy is in progress`,
            `wait for it: aws cloudformation describe-stacks --stack-name ${name} --query 'Stacks[0].StackStatus'`,
          )
        : warning(`${says}, an unknown status`, 'check it in the CloudFormation console');
  }
}
