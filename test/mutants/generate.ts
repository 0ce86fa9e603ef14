import { createHash } from 'node:crypto';
import { parseAst } from 'vitest/node';
import { changed, type Mutant } from './mutant.ts';
import { sqlChanges } from './sql.ts';

/** A node of ESTree with its place, as the parser gives it. */
interface Node {
  type: string;
  start: number;
  end: number;
  [field: string]: unknown;
}
type Change = Pick<Mutant, 'from' | 'to' | 'at' | 'kind'>;

const comparisons: Record<string, string> = {
  '<': '<=',
  '<=': '<',
  '>': '>=',
  '>=': '>',
  '===': '!==',
  '!==': '===',
};
const sums: Record<string, string> = { '+': '-', '-': '+', '*': '/', '/': '*' };
const logic: Record<string, string> = { '&&': '||', '||': '&&' };

/** All small changes of a source that this knows to make. What only a person reads (logs, messages) is left alone. */
export function changesOf(source: string): Change[] {
  const found: Change[] = [];
  const text = ({ start, end }: Node) => source.slice(start, end);
  const replace = (node: Node, to: string, kind: string) =>
    void found.push({ from: text(node), to, at: node.start, kind });
  const operator = (node: Node, to: string, kind: string) => {
    const [left, right] = [node.left as Node, node.right as Node];
    const at = source.indexOf(String(node.operator), left.end);
    if (at < right.start) found.push({ from: String(node.operator), to, at, kind });
  };

  function visit(node: Node): void {
    if (node.type.startsWith('TS') && !/^TS(?:As|Satisfies|NonNull)/.test(node.type)) return;
    if (node.type === 'ImportDeclaration' || isForPeople(node)) return;
    if (node.type === 'IfStatement' || node.type === 'ConditionalExpression')
      replace(node.test as Node, `!(${text(node.test as Node)})`, 'condition negated');
    if (node.type === 'BinaryExpression') {
      const sign = String(node.operator);
      if (sign in comparisons) operator(node, comparisons[sign] as string, 'comparison moved');
      if (sign in sums && !/['`]/.test(text(node))) operator(node, sums[sign] as string, 'arithmetic turned');
    }
    if (node.type === 'LogicalExpression') {
      const sign = String(node.operator);
      if (sign in logic) operator(node, logic[sign] as string, 'logic turned');
      else replace(node, text(node.right as Node), 'always the default');
    }
    if (node.type === 'ExpressionStatement' && /^(?:Call|Await)/.test((node.expression as Node).type))
      replace(node, ';', 'call removed');
    if (node.type === 'ThrowStatement') replace(node, ';', 'throw removed');
    if (node.type === 'AwaitExpression') replace(node, text(node.argument as Node), 'not awaited');
    if (node.type === 'UnaryExpression' && node.operator === '!')
      replace(node, text(node.argument as Node), 'negation removed');
    if (node.type === 'Literal') literal(node);
    if (node.type === 'TemplateLiteral') found.push(...sqlChanges(text(node), node.start));
    if (node.type === 'CallExpression') call(node);
    for (const value of Object.values(node))
      for (const child of Array.isArray(value) ? value : [value])
        if (typeof child === 'object' && child !== null && 'type' in child) visit(child as Node);
  }

  function literal(node: Node): void {
    const { value } = node;
    if (typeof value === 'number') {
      replace(node, String(value + 1), 'one more');
      replace(node, value === 0 ? '-1' : String(value * 100), 'a hundred times');
    }
    if (typeof value === 'boolean') replace(node, String(!value), 'truth turned');
    if (typeof value === 'string') found.push(...sqlChanges(text(node), node.start));
  }

  function call(node: Node): void {
    const callee = node.callee as Node;
    if (callee.type !== 'MemberExpression') return;
    const name = String((callee.property as Node).name);
    if (name === 'filter' || name === 'sort') replace(node, text(callee.object as Node), `without ${name}`);
    const twin = { min: 'max', max: 'min', some: 'every', every: 'some' }[name];
    if (twin !== undefined) replace(callee.property as Node, twin, `${twin} for ${name}`);
  }

  /** Lines of the log, and the words of errors that say that a programmer erred. */
  function isForPeople(node: Node): boolean {
    return /^(?:await )?(?:log|logger)\.|^throw new (?:TypeError|RangeError)\b/.test(text(node));
  }

  visit(parseAst(source, { lang: 'ts' }) as unknown as Node);
  return found.filter((change) => change.from !== change.to && parses(changed(source, change)));
}

function parses(source: string): boolean {
  try {
    parseAst(source, { lang: 'ts' });
    return true;
  } catch {
    return false;
  }
}

/**
 * A sample that is the same for the same seed: by a digest of each change and the text around it, so that an edit elsewhere
 * in the file does not affect it.
 */
export function sample(
  mutants: readonly Mutant[],
  sources: ReadonlyMap<string, string>,
  count: number,
  seed: number,
): Mutant[] {
  const rank = ({ file, from, to, at, kind }: Mutant) => {
    const around = sources.get(file)?.slice(Math.max(0, at - 40), at + from.length + 40) ?? '';
    return createHash('sha256').update([seed, file, kind, to, around].join('\0')).digest('hex');
  };
  return mutants
    .map((mutant) => ({ mutant, rank: rank(mutant) }))
    .sort((a, b) => (a.rank < b.rank ? -1 : 1))
    .slice(0, count)
    .map(({ mutant }) => mutant);
}
