import { guid } from '../reading.ts';

/** The values of a template's expressions. */
export interface Meaning {
  /** The id of a resource, which changes when it is replaced; undefined for a pseudo parameter. */
  physicalId(logicalId: string): string | undefined;
  /** An output of another stack, which may not exist. */
  output(stack: string, name: string): string;
  exported(name: string): string;
  guid: string;
}

/** A template value with resolved expressions, as comparable text. */
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

/** `${Resource}` in the text of an `Fn::Sub`; it occurs nowhere else. */
function named(text: string, { physicalId }: Meaning): string {
  return text.replace(/\$\{(\w+)/g, (whole, id: string) => physicalId(id) ?? whole);
}

interface Reads {
  weak: [string, string][];
  strong: string[];
}
/** A template is deployed many times. */
const known = new WeakMap<object, Reads>();

/** Every output of another stack that this value reads: weakly as [stack, name], strongly as the name of the export. */
export function reads(value: unknown): Reads {
  if (typeof value !== 'object' || value === null) return { weak: [], strong: [] };
  const found = known.get(value) ?? readsOf(value);
  known.set(value, found);
  return found;
}

function readsOf(value: object): Reads {
  const all = Object.entries(value).map(([key, inner]) => {
    if (key === 'Fn::ImportValue') return { weak: [], strong: [JSON.stringify(inner)] };
    if (key !== 'Fn::GetStackOutput') return reads(inner);
    const { StackName, OutputName } = inner as { StackName: string; OutputName: string };
    return { weak: [[StackName, OutputName] as [string, string]], strong: [] };
  });
  return { weak: all.flatMap(({ weak }) => weak), strong: all.flatMap(({ strong }) => strong) };
}
