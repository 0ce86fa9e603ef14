import { type App, CfnElement, Stack, Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { Acknowledgement } from './acknowledgements.ts';

/** Acknowledges findings at the named constructs; constructs that a stage lacks are skipped. */
export function acknowledge(app: App, list: readonly Acknowledgement[]): void {
  const stacks = app.node.findAll().filter((one) => Stack.isStack(one));
  for (const { covers, reason } of list)
    for (const { rule, at } of covers)
      for (const stack of stacks)
        for (const path of at) {
          const construct = below(stack, path);
          if (construct !== undefined)
            Validations.of(construct).acknowledge({ id: named(rule, stack), reason });
        }
}

/** Finds the construct at this path below another one. */
function below(scope: IConstruct, path: string): IConstruct | undefined {
  return path.split('/').reduce<IConstruct | undefined>((found, id) => found?.node.tryFindChild(id), scope);
}

/** Resolves `<path.Arn>` as the packs write it: the logical id of the construct's own resource. */
function named(rule: string, stack: Stack): string {
  return rule.replace(/<([^<>]+)\.(\w+)>/g, (whole, path: string, attribute: string) => {
    const resource = below(stack, path)?.node.defaultChild;
    return CfnElement.isCfnElement(resource) ? `<${stack.getLogicalId(resource)}.${attribute}>` : whole;
  });
}
