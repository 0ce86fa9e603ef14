import type { Finding, TemplateRule } from '../rule.ts';
import { type Statement, statements } from '../statements.ts';
import type { Resource } from '../template.ts';

/**
 * No policy (of a role, key, bucket, queue, secret or endpoint) allows an action by a wildcard. Denials should use
 * them, to cover future actions.
 */
export const wildcards: TemplateRule = {
  name: 'Wildcards',
  severity: 'error',
  fix: 'Name each action in full.',
  findings: ({ templates }) =>
    templates.resources.flatMap((resource) => [...ofPolicies(resource), ...ofShape(resource)]),
};

function ofPolicies(resource: Resource): Finding[] {
  return statements(resource.properties).flatMap((statement) => {
    const actions = statement.NotAction === undefined ? [statement.Action].flat() : ['all but NotAction'];
    return actions
      .filter((action) => statement.NotAction !== undefined || String(action).includes('*'))
      .map((action) => ({ resource, description: `allows ${String(action)}${named(statement)}` }));
  });
}

/** Resources that allow everything by default, or allow an action in another form. */
function ofShape(resource: Resource): Finding[] {
  const { type, properties } = resource;
  if (type === 'AWS::EC2::VPCEndpoint' && properties.PolicyDocument === undefined)
    return [{ resource, description: 'has no policy, which allows everything through it' }];
  if (type === 'AWS::Lambda::Permission' && String(properties.Action).includes('*'))
    return [{ resource, description: `allows ${String(properties.Action)}` }];
  return [];
}

const named = ({ Sid }: Statement) => (Sid === undefined ? '' : ` in ${Sid}`);
