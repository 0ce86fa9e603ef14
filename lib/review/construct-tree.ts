import { basename, dirname, join } from 'node:path';
import { CfnResource, NestedStack, Stack } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** A template that no plugin is given, because it is an asset of its parent. */
export interface NestedTemplate {
  templatePath: string;
  parentPath: string;
  /** Logical id of the AWS::CloudFormation::Stack in the parent. */
  resourceId: string;
}

/** The constructs of an app, as far as templates do not contain them. */
export class ConstructTree {
  readonly #constructs: readonly IConstruct[];
  /** By template's file and logical id. */
  readonly #paths = new Map<string, string>();

  constructor(app: IConstruct) {
    this.#constructs = app.node.findAll();
    for (const one of this.#constructs)
      if (CfnResource.isCfnResource(one))
        this.#paths.set(`${Stack.of(one).templateFile} ${logicalId(one)}`, one.node.path);
  }

  /** Path of the construct that an app knows: that of the L2 construct, if there is one. */
  pathOf(templatePath: string, id: string): string | undefined {
    return this.#paths.get(`${basename(templatePath)} ${id}`)?.replace(/\/Resource$/, '');
  }

  /** The templates of nested stacks below these templates; parents come first. */
  nestedTemplates(paths: readonly string[]): NestedTemplate[] {
    const known = new Map(paths.map((path) => [basename(path), path]));
    return this.#constructs.flatMap((one) => {
      if (!NestedStack.isNestedStack(one)) return [];
      const nested = one as NestedStack;
      const parentPath = known.get(nested.nestedStackParent?.templateFile ?? '');
      if (parentPath === undefined || nested.nestedStackResource === undefined) return [];
      const templatePath = join(dirname(parentPath), nested.templateFile);
      known.set(nested.templateFile, templatePath);
      return [{ templatePath, parentPath, resourceId: logicalId(nested.nestedStackResource) }];
    });
  }
}

function logicalId(one: CfnResource): string {
  return Stack.of(one).getLogicalId(one);
}
