import { type ImageStatus, imageStatuses, isTerminal } from '../../lambda/domain/image.ts';
import { type ImageState, type Transition, transitions } from '../../lambda/domain/transitions.ts';

const isStatus = (state: ImageState | 'same'): state is ImageStatus =>
  (imageStatuses as readonly string[]).includes(state);
const who = ({ owner, reopens }: Transition) =>
  reopens === 'operator' ? `operator, by \`${owner}\`` : `\`${owner}\``;
const named = (state: ImageState) => (isStatus(state) ? `\`${state}\`` : state === 'none' ? 'no row' : state);

/** Ways between statuses, each once, with the statements that take them. */
function arrows(): string[] {
  const ways = new Map<string, Set<string>>();
  for (const { from, to, statement } of transitions)
    for (const state of from) {
      if (!isStatus(to) || (!isStatus(state) && state !== 'none')) continue;
      const way = `${state === 'none' ? '[*]' : state} --> ${to}`;
      ways.set(way, (ways.get(way) ?? new Set()).add(statement));
    }
  return [...ways].map(([way, statements]) => `  ${way}: ${[...statements].join(', ')}`);
}

function tableRow(transition: Transition): string {
  const { from, to, statement, raisesAttempt, failures, when, event } = transition;
  const counted = [...(raisesAttempt ? ['attempt + 1'] : []), ...countedFailures(failures)].join(', ');
  const states = from.length === imageStatuses.length ? 'any status' : from.map(named).join(', ');
  const target = to === 'same' ? 'the same' : named(to);
  const columns = [states, target, who(transition), `\`${statement}\``, when, counted, event ?? ''];
  return `| ${columns.join(' | ')} |`;
}

function countedFailures(failures: Transition['failures']): string[] {
  if (failures === undefined) return [];
  return [failures === 'raised' ? 'failures + 1' : 'failures = 0'];
}

const ends = imageStatuses.filter((status) => isTerminal(status));

/** The statuses as a Mermaid diagram, which docs/architecture.md shows too. */
export const stateDiagram = `\`\`\`mermaid
stateDiagram-v2
${arrows().join('\n')}
${ends.map((status) => `  ${status} --> [*]: removeEnded`).join('\n')}
\`\`\``;

/** docs/state-machine.md: the table of transitions as a diagram and a table. */
export function stateMachinePage(): string {
  const reopening = transitions.filter(({ reopens }) => reopens !== undefined);
  return `# The states of an image

Written by \`npm run state-machine\` from [lambda/domain/transitions.ts](../lambda/domain/transitions.ts). A test runs each
statement from every state and compares what it changed with this table; a trigger in the databases of all unit tests refuses
every other change of status.

${stateDiagram}

A client can delete an image in any status (\`markDeleted\`). A deleted image keeps its row until its objects are gone from the
bucket (\`removeDeleted\`); nothing else changes it.

Ends: ${ends.map(named).join(', ')}. An image stays at its end until \`retention\` removes it, with ${reopening.length} exceptions:

${reopening.map(({ from, to, when }) => `- ${from.map(named)} → ${named(to as ImageState)}: ${when}`).join('\n')}

\`attempt\` is the fence: a worker commits only with the number that it claimed with. \`failures\` are those that count against
the image, up to \`process.maxAttempts\`. "Event" is what triggers write in the same statement.

| from | to | who | statement | when | counted | event |
|---|---|---|---|---|---|---|
${transitions.map(tableRow).join('\n')}
`;
}
