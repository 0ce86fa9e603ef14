import type { Template } from 'aws-cdk-lib/assertions';

interface Resource {
  Type: string;
  Properties: Record<string, unknown>;
  DependsOn?: string[];
  DeletionPolicy?: string;
  UpdateReplacePolicy?: string;
}

/** The only resource of a type whose logical id contains `part`, with its id. */
export function one(template: Template, type: string, part = ''): Resource & { id: string } {
  const found = Object.entries(template.findResources(type) as Record<string, Resource>).filter(([id]) =>
    id.includes(part),
  );
  const [first] = found;
  if (found.length !== 1 || first === undefined)
    throw new Error(`${found.length} resources of ${type} with "${part}": ${found.map(([id]) => id)}`);
  return { id: first[0], ...first[1] };
}

/** The digits of the stack's GUID in a name of ours: lib/naming/unique-name.ts. */
export const guid = JSON.stringify({
  'Fn::Select': [
    0,
    { 'Fn::Split': ['-', { 'Fn::Select': [2, { 'Fn::Split': ['/', { Ref: 'AWS::StackId' }] }] }] },
  ],
});

/**
 * A value of a template as text: `{Ref: X}` is `<X>`, an attribute `<X.Attribute>`, an import `<import X>`, the output of
 * another stack `<import Stack:X>`, the digits of the stack's own GUID `<guid>`.
 */
export function text(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  if (JSON.stringify(value) === guid) return '<guid>';
  const [kind, inner] = Object.entries(value)[0] ?? [];
  if (kind === 'Ref') return `<${String(inner)}>`;
  if (kind === 'Fn::GetAtt') return `<${(inner as string[]).join('.')}>`;
  if (kind === 'Fn::Sub') return String(inner);
  if (kind === 'Fn::ImportValue') return `<import ${text(inner)}>`;
  if (kind === 'Fn::GetStackOutput') {
    const { StackName, OutputName } = inner as Record<string, unknown>;
    return `<import ${String(StackName)}:${String(OutputName)}>`;
  }
  if (kind === 'Fn::Join') {
    const [separator, parts] = inner as [string, unknown[]];
    return parts.map(text).join(separator);
  }
  return JSON.stringify(value);
}

export interface Statement {
  Sid?: string;
  Effect: string;
  Action: string | string[];
  Resource: unknown;
  Condition?: Record<string, Record<string, unknown>>;
}

/** A role's permissions as `action resource`, sorted; denials begin with `Deny`. */
export function rights(template: Template, role: string): string[] {
  return ofRole(template, role)
    .flatMap(({ Effect, Action, Resource }) =>
      [Action].flat().flatMap((action) => [Resource].flat().map((on) => `${Effect} ${action} ${text(on)}`)),
    )
    .map((right) => right.replace(/^Allow /, ''))
    .sort();
}

/** The statements of a role's policies in the same template. */
function ofRole(template: Template, role: string): Statement[] {
  const { Policies, ManagedPolicyArns = [] } = one(template, 'AWS::IAM::Role', role).Properties as {
    Policies?: unknown[];
    ManagedPolicyArns?: { Ref?: string }[];
  };
  if (Policies !== undefined) throw new Error(`${role} has inline policies`);
  return ManagedPolicyArns.flatMap(({ Ref }) => {
    if (Ref === undefined) throw new Error(`${role} has a policy that is not of its template`);
    return statements([
      one(template, 'AWS::IAM::ManagedPolicy', Ref).Properties as {
        PolicyDocument: { Statement: Statement[] };
      },
    ]);
  });
}

export function statements(policies: { PolicyDocument: { Statement: Statement[] } }[]): Statement[] {
  return policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
}
