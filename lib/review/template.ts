import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { ConstructTree, NestedTemplate } from './construct-tree.ts';
import { Unresolved } from './unresolved.ts';

export interface Resource {
  id: string;
  type: string;
  properties: Record<string, unknown>;
  templatePath: string;
  /** Path of its construct, or else its logical id. */
  path: string;
}

interface Template {
  Resources?: Record<string, { Type: string; Properties?: Record<string, unknown> }>;
  Outputs?: Record<string, { Value: unknown; Export?: { Name: unknown } }>;
}

/** A value, and the template in which its references are to be read. */
interface Located {
  value: unknown;
  templatePath: string;
}

/** All templates of an app; resolves references between their resources, across stacks and nested stacks too. */
export class Templates {
  readonly resources: readonly Resource[];
  /** By template and logical id. */
  readonly #byId: ReadonlyMap<string, Resource>;
  /** By export name as JSON, since it may be an expression, by stack and output names, and as a nested stack's attribute. */
  readonly #outputs = new Map<string, Located>();
  /** Parameters of nested stacks, by template and name. */
  readonly #parameters = new Map<string, Located>();

  constructor(paths: readonly string[], tree?: ConstructTree) {
    const nested = tree?.nestedTemplates(paths) ?? [];
    this.resources = [...paths, ...nested.map(({ templatePath }) => templatePath)].flatMap((templatePath) => {
      const { Resources = {}, Outputs = {} } = JSON.parse(readFileSync(templatePath, 'utf8')) as Template;
      const parent = nested.find((one) => one.templatePath === templatePath);
      for (const [name, { Value: value, Export }] of Object.entries(Outputs)) {
        this.#outputs.set(`${basename(templatePath, '.template.json')}.${name}`, { value, templatePath });
        if (Export !== undefined) this.#outputs.set(JSON.stringify(Export.Name), { value, templatePath });
        if (parent !== undefined)
          this.#outputs.set(`${parent.parentPath} ${parent.resourceId}.Outputs.${name}`, {
            value,
            templatePath,
          });
      }
      return Object.entries(Resources).map(([id, { Type, Properties = {} }]) => ({
        id,
        type: Type,
        properties: Properties,
        templatePath,
        path: tree?.pathOf(templatePath, id) ?? id,
      }));
    });
    this.#byId = new Map(this.resources.map((one) => [`${one.templatePath} ${one.id}`, one]));
    for (const one of nested) this.#readParameters(one);
  }

  ofType(...types: string[]): Resource[] {
    return this.resources.filter(({ type }) => types.includes(type));
  }

  /** All resources that a value refers to, at any depth; none for those outside these templates. */
  resourcesOf(
    value: unknown,
    templatePath: string,
    followed: ReadonlySet<string> = new Set(),
  ): readonly Resource[] {
    if (typeof value !== 'object' || value === null) return [];
    return Object.entries(value).flatMap(([key, inner]) => {
      const named = this.#named(key, inner, templatePath);
      if (named === undefined) return this.resourcesOf(inner, templatePath, followed);
      if ('id' in named) return [named];
      // A template may refer in a circle; CloudFormation would refuse it.
      const step = `${named.templatePath} ${JSON.stringify(named.value)}`;
      return followed.has(step)
        ? []
        : this.resourcesOf(named.value, named.templatePath, new Set([...followed, step]));
    });
  }

  resourceOf(value: unknown, templatePath: string): Resource | undefined {
    return this.resourcesOf(value, templatePath)[0];
  }

  /** The function behind the name, version or alias that a value refers to. */
  functionOf(value: unknown, templatePath: string, steps = 4): Resource | undefined {
    const found = this.resourceOf(value, templatePath);
    if (found === undefined || found.type === 'AWS::Lambda::Function') return found;
    const qualified = ['AWS::Lambda::Alias', 'AWS::Lambda::Version'].includes(found.type);
    return qualified && steps > 0
      ? this.functionOf(found.properties.FunctionName, found.templatePath, steps - 1)
      : undefined;
  }

  /** A property, with references to literals of other templates followed; undefined if it is absent. */
  property({ properties, templatePath }: Resource, ...path: readonly string[]): unknown {
    let value: unknown = properties;
    for (const name of path) {
      value = this.#literal(value, templatePath);
      if (value === undefined) return undefined;
      if (typeof value !== 'object' || value === null || isExpression(value)) return value;
      value = Reflect.get(value, name);
    }
    return this.#literal(value, templatePath);
  }

  /**
   * A property that is a number, possibly written as text.
   * @throws Unresolved for anything else.
   */
  number<Absent>(resource: Resource, path: readonly string[], absent: Absent): number | Absent {
    const value = this.property(resource, ...path);
    if (value === undefined) return absent;
    const number = numberOf(value);
    if (number === undefined)
      throw new Unresolved(`${path.at(-1)} of ${resource.path} is ${JSON.stringify(value)}`);
    return number;
  }

  #literal(value: unknown, templatePath: string, steps = 8): unknown {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    const [[key, inner] = ['', undefined], ...more] = Object.entries(value);
    if (key === 'Ref' && inner === 'AWS::NoValue') return undefined;
    const named = more.length > 0 ? undefined : this.#named(key, inner, templatePath);
    if (named === undefined || 'id' in named || steps === 0) return value;
    return this.#literal(named.value, named.templatePath, steps - 1);
  }

  #readParameters({ parentPath, resourceId, templatePath }: NestedTemplate): void {
    const stack = this.#byId.get(`${parentPath} ${resourceId}`);
    for (const [name, value] of Object.entries((stack?.properties.Parameters ?? {}) as object))
      this.#parameters.set(`${templatePath} ${name}`, { value, templatePath: parentPath });
  }

  #named(key: string, inner: unknown, templatePath: string): Resource | Located | undefined {
    if (key === 'Ref' || key === 'Fn::GetAtt') {
      const whole = [inner].flat().join('.');
      const [id] = whole.split('.');
      return (
        this.#parameters.get(`${templatePath} ${whole}`) ??
        this.#outputs.get(`${templatePath} ${whole}`) ??
        this.#byId.get(`${templatePath} ${id}`)
      );
    }
    return this.#outputs.get(outputRead(key, inner));
  }
}

/** The output of another stack that an expression reads, strongly or weakly; otherwise empty. */
function outputRead(key: string, inner: unknown): string {
  if (key === 'Fn::ImportValue') return JSON.stringify(inner);
  if (key !== 'Fn::GetStackOutput') return '';
  const { StackName, OutputName } = inner as { StackName: unknown; OutputName: unknown };
  return `${String(StackName)}.${String(OutputName)}`;
}

function isExpression(value: object): boolean {
  const [first = ''] = Object.keys(value);
  return first === 'Ref' || first.startsWith('Fn::');
}

function numberOf(value: unknown): number | undefined {
  const written = typeof value === 'number' || (typeof value === 'string' && value.trim() !== '');
  const number = written ? Number(value) : Number.NaN;
  return Number.isNaN(number) ? undefined : number;
}
