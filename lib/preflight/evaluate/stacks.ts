import type { Stack } from '@aws-sdk/client-cloudformation';
import { blocks, type CheckResult, ok, warning } from '../finding.ts';

/** The first part of the GUID in a stack's ARN, which its physical names carry. */
export function guidOf(stack: Pick<Stack, 'StackId'> | undefined): string | undefined {
  return /\/([0-9a-f]{8})-[0-9a-f-]+$/.exec(stack?.StackId ?? '')?.[1];
}

/** Whether a stack has resources that the deploy would find there. */
export function isDeployed(stack: Stack | undefined): boolean {
  return stack !== undefined && !/^(ROLLBACK_|REVIEW_|DELETE_)/.test(stack.StackStatus ?? '');
}

/** What its state means for a deploy, as CloudFormation and the CDK's CLI take it. */
export function evaluateStack(name: string, stack: Stack | undefined, stage: string): CheckResult {
  if (stack === undefined) return ok(`${name} is not there yet`);
  const { StackStatus: status = 'in a state without a name', StackStatusReason: reason } = stack;
  const says = `${name} is ${status}${reason === undefined ? '' : ` (${reason})`}`;
  if (!(stack.Description ?? '').startsWith('Sluice'))
    return blocks(
      `a stack named ${name} is there and is none of Sluice's ("${stack.Description ?? 'without description'}")`,
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
        `nothing; the CDK deletes it and begins anew. What went wrong: aws cloudformation describe-stack-events --stack-name ${name}`,
      );
    case 'REVIEW_IN_PROGRESS':
      return warning(`${says}: it has a change set that nobody ran`, 'nothing; the deploy makes another one');
    case 'CREATE_FAILED':
    case 'UPDATE_FAILED':
    case 'UPDATE_ROLLBACK_FAILED':
    case 'IMPORT_ROLLBACK_FAILED':
      return blocks(
        `${says}: it takes no update before it is rolled back`,
        `npx cdk rollback ${name} -c stage=${stage} (with --orphan <logical id> for a resource that cannot be), then deploy`,
      );
    case 'DELETE_FAILED':
      return blocks(
        `${says}: something in it could not be deleted`,
        `aws cloudformation describe-stack-events --stack-name ${name} says what; then aws cloudformation delete-stack --stack-name ${name} again. Network interfaces of deleted functions hold their security group for up to 40 minutes`,
      );
    default:
      return status.endsWith('_IN_PROGRESS')
        ? blocks(
            `${says}: somebody else's deploy is under way`,
            `wait for it: aws cloudformation describe-stacks --stack-name ${name} --query 'Stacks[0].StackStatus'`,
          )
        : warning(`${says}, which is not known here`, 'look at it in the console of CloudFormation');
  }
}
