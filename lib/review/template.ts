import { readFileSync } from 'node:fs';
import { basename } from 'node:path';

export interface Resource {
  id: string;
  type: string;
  properties: Record<string, unknown>;
  templatePath: string;
}

interface Template {
  Resources?: Record<string, { Type: string; Properties?: Record<string, unknown> }>;
  Outputs?: Record<string, { Value: unknown; Export?: { Name: unknown } }>;
}

/** All templates of an app; resolves references between their resources, across stacks too. */
export class Templates {
  readonly resources: readonly Resource[];
  /** By export name as JSON, since it may be an expression, and by stack and output names. */
  readonly #outputs = new Map<string, { value: unknown; templatePath: string }>();

  constructor(paths: readonly string[]) {
    this.resources = paths.flatMap((templatePath) => {
      const { Resources = {}, Outputs = {} } = JSON.parse(readFileSync(templatePath, 'utf8')) as Template;
      for (const [name, { Value: value, Export }] of Object.entries(Outputs)) {
        this.#outputs.set(`${basename(templatePath, '.template.json')}.${name}`, { value, templatePath });
        if (Export !== undefined) this.#outputs.set(JSON.stringify(Export.Name), { value, templatePath });
      }
      return Object.entries(Resources).map(([id, { Type, Properties = {} }]) => ({
        id,
        type: Type,
        properties: Properties,
        templatePath,
      }));
    });
  }

  ofType(...types: string[]): Resource[] {
    return this.resources.filter(({ type }) => types.includes(type));
  }

  /** The first resource that a value refers to, at any depth; undefined if none is in these templates. */
  resourceOf(value: unknown, templatePath: string): Resource | undefined {
    if (typeof value !== 'object' || value === null) return undefined;
    for (const [key, inner] of Object.entries(value)) {
      const found = this.#named(key, inner, templatePath) ?? this.resourceOf(inner, templatePath);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** The function behind the name, version or alias that a value refers to. */
  functionOf(value: unknown, templatePath: string): Resource | undefined {
    const found = this.resourceOf(value, templatePath);
    if (found === undefined || found.type === 'AWS::Lambda::Function') return found;
    const qualified = ['AWS::Lambda::Alias', 'AWS::Lambda::Version'].includes(found.type);
    return qualified ? this.functionOf(found.properties.FunctionName, found.templatePath) : undefined;
  }

  #named(key: string, inner: unknown, templatePath: string): Resource | undefined {
    if (key === 'Ref' || key === 'Fn::GetAtt') {
      const [id] = String([inner].flat()[0]).split('.');
      return this.resources.find((one) => one.id === id && one.templatePath === templatePath);
    }
    const found = this.#outputs.get(outputRead(key, inner));
    return found === undefined ? undefined : this.resourceOf(found.value, found.templatePath);
  }
}

/** The output of another stack that an expression reads, strongly or weakly; otherwise empty. */
function outputRead(key: string, inner: unknown): string {
  if (key === 'Fn::ImportValue') return JSON.stringify(inner);
  if (key !== 'Fn::GetStackOutput') return '';
  const { StackName, OutputName } = inner as { StackName: unknown; OutputName: unknown };
  return `${String(StackName)}.${String(OutputName)}`;
}

/** A number in a template, possibly written as text; undefined for an expression. */
export function numberOf(value: unknown, absent: number): number | undefined {
  if (value === undefined) return absent;
  const number = typeof value === 'number' || typeof value === 'string' ? Number(value) : Number.NaN;
  return Number.isNaN(number) ? undefined : number;
}
