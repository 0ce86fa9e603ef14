import { type App, CfnElement, Stack, Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { Acknowledgement } from './acknowledgements.ts';

/**
 * Acknowledges findings at the constructs that the list names. What a stage does not have is passed over: the packs
 * find nothing there either.
 */
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

/** The construct of this path below another one. */
function below(scope: IConstruct, path: string): IConstruct | undefined {
  return path.split('/').reduce<IConstruct | undefined>((found, id) => found?.node.tryFindChild(id), scope);
}

/** With `<path.Arn>` as the packs say it: by the logical id of the construct's own resource. */
function named(rule: string, stack: Stack): string {
  return rule.replace(/<([^<>]+)\.(\w+)>/g, (whole, path: string, attribute: string) => {
    const resource = below(stack, path)?.node.defaultChild;
    return CfnElement.isCfnElement(resource) ? `<${stack.getLogicalId(resource)}.${attribute}>` : whole;
  });
}
