import { type Meaning, meaningOf, reads } from './expressions.ts';
import { changedInPlace, identities, replacedBy } from './properties.ts';

export interface StackTemplate {
  Resources: Record<string, Resource>;
  Outputs?: Record<string, { Value: unknown; Export?: { Name: unknown } }>;
}
interface Resource {
  Type: string;
  Properties?: Record<string, unknown>;
  DeletionPolicy?: string;
  UpdateReplacePolicy?: string;
}

interface Standing {
  guid: string;
  template: StackTemplate;
  /** By logical id. */
  physicalIds: Map<string, string>;
  meaning: Meaning;
}

/**
 * An account and region for CloudFormation: stacks, their outputs and exports, and taken names. It has the rules by which
 * a deploy is rejected or loses data, without the services behind the types.
 */
export class Account {
  readonly #stacks = new Map<string, Standing>();
  /** The owner of each name; names that a stack left behind have none. */
  readonly #taken = new Map<string, string>();
  #made = 0;

  /**
   * Deploys a template, updating a stack of this name.
   * @returns why CloudFormation rejects it; the account is then unchanged.
   */
  deploy(name: string, template: StackTemplate): string[] {
    const before = this.#stacks.get(name);
    const after = this.#planned(template, before);
    const replaced = [...after.physicalIds].filter(([id, physical]) => {
      const old = before?.physicalIds.get(id);
      return (
        old !== undefined && old !== physical && before?.template.Resources[id]?.Type === typeOf(after, id)
      );
    });
    const refusals = [
      ...otherTypes(before, after),
      ...this.#missing(after),
      ...unknowns(template),
      ...this.#exportsInUse(name, before, after),
      ...this.#changedUnderName(name, before, after),
      ...this.#namesTaken(
        before,
        after,
        replaced.map(([id]) => id),
      ),
    ];
    if (refusals.length > 0) return refusals;
    for (const [id] of before?.physicalIds ?? []) {
      const kept = before?.template.Resources[id];
      const gone = kept !== undefined && after.physicalIds.get(id) !== before?.physicalIds.get(id);
      const policy = replaced.some(([one]) => one === id)
        ? template.Resources[id]?.UpdateReplacePolicy
        : kept?.DeletionPolicy;
      if (gone) this.#release(before as Standing, id, policy);
    }
    for (const id of after.physicalIds.keys()) {
      const identity = identityOf(after, id);
      if (identity !== undefined) this.#taken.set(identity, name);
    }
    this.#stacks.set(name, after);
    return [];
  }

  /** A first deploy that fails at its last resource, is rolled back and deleted. */
  deployThatFails(name: string, template: StackTemplate): void {
    const refusals = this.deploy(name, template);
    if (refusals.length > 0) throw new Error(refusals.join('\n'));
    this.#end(name, (policy) => policy === 'Retain');
  }

  /** Deletes a stack. */
  destroy(name: string): void {
    this.#end(name, (policy) => policy === 'Retain' || policy === 'RetainExceptOnCreate');
  }

  #end(name: string, keeps: (policy: string | undefined) => boolean): void {
    const standing = this.#stacks.get(name);
    if (standing === undefined) throw new Error(`there is no stack ${name}`);
    for (const id of standing.physicalIds.keys())
      this.#release(
        standing,
        id,
        keeps(standing.template.Resources[id]?.DeletionPolicy) ? 'Retain' : 'Delete',
      );
    this.#stacks.delete(name);
  }

  #release(standing: Standing, id: string, policy: string | undefined): void {
    const identity = identityOf(standing, id);
    if (identity === undefined) return;
    if (policy?.startsWith('Retain')) this.#taken.set(identity, 'nobody');
    else this.#taken.delete(identity);
  }

  /** The resulting resources: replacing one also replaces those that refer to it and cannot change in place. */
  #planned(template: StackTemplate, before: Standing | undefined): Standing {
    const guid = before?.guid ?? `guid${++this.#made}`;
    const physicalIds = new Map(
      Object.entries(template.Resources).map(([id, { Type }]) => {
        const old = before?.template.Resources[id]?.Type === Type ? before.physicalIds.get(id) : undefined;
        return [id, old ?? `${id}#${++this.#made}`];
      }),
    );
    const meaning: Meaning = {
      physicalId: (id) => physicalIds.get(id),
      output: (stack, name) => this.#output(stack, name) ?? `<no output ${stack}.${name}>`,
      exported: (name) => this.#exported(name) ?? `<no export ${name}>`,
      guid,
    };
    const after: Standing = { guid, template, physicalIds, meaning };
    const replaces = (id: string) =>
      before !== undefined &&
      physicalIds.get(id) === before.physicalIds.get(id) &&
      (replacedBy[typeOf(after, id)] ?? []).some(
        (property) => propertyOf(before, id, property) !== propertyOf(after, id, property),
      );
    for (let found = [...physicalIds.keys()].find(replaces); found !== undefined; ) {
      physicalIds.set(found, `${found}#${++this.#made}`);
      found = [...physicalIds.keys()].find(replaces);
    }
    return after;
  }

  #output(stack: string, name: string): string | undefined {
    const standing = this.#stacks.get(stack);
    const output = standing?.template.Outputs?.[name];
    return standing === undefined || output === undefined
      ? undefined
      : meaningOf(output.Value, standing.meaning);
  }

  #exported(name: string): string | undefined {
    for (const [stack, { template }] of this.#stacks)
      for (const [output, { Export }] of Object.entries(template.Outputs ?? {}))
        if (Export !== undefined && JSON.stringify(Export.Name) === name) return this.#output(stack, output);
    return undefined;
  }

  #missing({ template }: Standing): string[] {
    const { weak, strong } = reads(template.Resources);
    return [
      ...weak.filter(([stack, name]) => this.#output(stack, name) === undefined),
      ...strong.filter((name) => this.#exported(name) === undefined),
    ].map((read) => `no stack outputs ${[read].flat().join('.')}`);
  }

  /** An export that another stack imports can be neither removed nor changed. */
  #exportsInUse(name: string, before: Standing | undefined, after: Standing): string[] {
    const imported = this.#others(name).flatMap(({ template }) => reads(template.Resources).strong);
    return exportsOf(before).flatMap(([exported, value]) => {
      const now = exportsOf(after).find(([one]) => one === exported)?.[1];
      if (!imported.includes(exported) || now === value) return [];
      return [`export ${exported} cannot be ${now === undefined ? 'deleted' : 'updated'}: it is in use`];
    });
  }

  /** An unchanged stack is not deployed, and publishes no version of a function. */
  #changedUnderName(name: string, before: Standing | undefined, after: Standing): string[] {
    const read = this.#others(name).flatMap(({ template }) => reads(template.Resources).weak);
    return read.flatMap(([stack, output]) => {
      const [was, is] = [before, after].map((one) => {
        const found = one?.template.Outputs?.[output];
        return one === undefined || found === undefined ? undefined : meaningOf(found.Value, one.meaning);
      });
      if (stack !== name || was === undefined || is === undefined || was === is) return [];
      return [`output ${output} is another under the same name: who reads it would not learn of it`];
    });
  }

  /** New resources are created before old ones are deleted. */
  #namesTaken(before: Standing | undefined, after: Standing, replaced: string[]): string[] {
    return [...after.physicalIds.keys()].flatMap((id) => {
      const isNew = before?.physicalIds.get(id) !== after.physicalIds.get(id);
      const identity = identityOf(after, id);
      if (!isNew || identity === undefined || !this.#taken.has(identity)) return [];
      return replaced.includes(id)
        ? [`${id}: a resource with a name of ours cannot be replaced under it (${identity})`]
        : [`${id}: already exists (${identity})`];
    });
  }

  #others(name: string): Standing[] {
    return [...this.#stacks].filter(([other]) => other !== name).map(([, standing]) => standing);
  }
}

function otherTypes(before: Standing | undefined, after: Standing): string[] {
  return Object.entries(after.template.Resources).flatMap(([id, { Type }]) => {
    const old = before?.template.Resources[id]?.Type;
    return old === undefined || old === Type ? [] : [`${id}: type cannot change from ${old} to ${Type}`];
  });
}

/** Values that are unknown when the change set is created and would replace a resource. */
function unknowns({ Resources }: StackTemplate): string[] {
  return Object.entries(Resources).flatMap(([id, { Type, Properties = {} }]) =>
    Object.entries(Properties)
      .filter(([name, value]) => reads(value).weak.length > 0 && !changedInPlace[Type]?.includes(name))
      .map(([name]) => `${id}: ${Type}.${name} comes weakly from another stack and may replace it`),
  );
}

function exportsOf(standing: Standing | undefined): [name: string, value: string][] {
  return Object.values(standing?.template.Outputs ?? {}).flatMap(({ Value, Export }) =>
    Export === undefined || standing === undefined
      ? []
      : [[JSON.stringify(Export.Name), meaningOf(Value, standing.meaning)] as [string, string]],
  );
}

const typeOf = ({ template }: Standing, id: string) => template.Resources[id]?.Type ?? '';

function propertyOf({ template, meaning }: Standing, id: string, property: string): string {
  return meaningOf(template.Resources[id]?.Properties?.[property] ?? null, meaning);
}

/** The unique identity of a resource; undefined if CloudFormation generates its name. */
function identityOf(standing: Standing, id: string): string | undefined {
  const type = typeOf(standing, id);
  const parts = identities[type];
  if (parts === undefined) return undefined;
  const values = parts.map((property) => propertyOf(standing, id, property));
  return values.at(-1) === 'null' ? undefined : `${type} ${values.join(' ')}`;
}
