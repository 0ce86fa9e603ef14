import { guid } from '../reading.ts';

/** The values of a template's expressions. */
export interface Meaning {
  /** Of a resource, which has another one after it was replaced; undefined for a parameter of AWS's own. */
  physicalId(logicalId: string): string | undefined;
  /** Of another stack, which may have none of this name (any more). */
  output(stack: string, name: string): string;
  exported(name: string): string;
  guid: string;
}

/** A value of a template with its expressions resolved, as text that can be compared. */
export function meaningOf(value: unknown, meaning: Meaning): string {
  return JSON.stringify(resolved(value, meaning));
}

function resolved(value: unknown, meaning: Meaning): unknown {
  if (typeof value === 'string') return named(value, meaning);
  if (Array.isArray(value)) return value.map((one) => resolved(one, meaning));
  if (typeof value !== 'object' || value === null) return value;
  if (JSON.stringify(value) === guid) return meaning.guid;
  const [[kind, inner] = ['', undefined]] = Object.entries(value);
  if (kind === 'Ref') return meaning.physicalId(String(inner)) ?? `<${String(inner)}>`;
  if (kind === 'Fn::GetAtt') {
    const [id = '', ...attribute] = inner as string[];
    return `<${meaning.physicalId(id)}.${attribute.join('.')}>`;
  }
  if (kind === 'Fn::ImportValue') return meaning.exported(JSON.stringify(inner));
  if (kind === 'Fn::GetStackOutput') {
    const { StackName, OutputName } = inner as { StackName: string; OutputName: string };
    return meaning.output(StackName, OutputName);
  }
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, resolved(one, meaning)]));
}

/** `${Resource}` in the text of an `Fn::Sub`; anywhere else nothing looks like it. */
function named(text: string, { physicalId }: Meaning): string {
  return text.replace(/\$\{(\w+)/g, (whole, id: string) => physicalId(id) ?? whole);
}

/** Every output of another stack that is read in here, weakly as [stack, name], strongly as the name of the export. */
export function reads(value: unknown): { weak: [string, string][]; strong: string[] } {
  if (typeof value !== 'object' || value === null) return { weak: [], strong: [] };
  const all = Object.entries(value).map(([key, inner]) => {
    if (key === 'Fn::ImportValue') return { weak: [], strong: [JSON.stringify(inner)] };
    if (key !== 'Fn::GetStackOutput') return reads(inner);
    const { StackName, OutputName } = inner as { StackName: string; OutputName: string };
    return { weak: [[StackName, OutputName] as [string, string]], strong: [] };
  });
  return { weak: all.flatMap(({ weak }) => weak), strong: all.flatMap(({ strong }) => strong) };
}
