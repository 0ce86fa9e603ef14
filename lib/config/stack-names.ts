import type { ResolvedConfig } from './schema.ts';

/** Names of the two stacks of a stage. With a database of somebody else's there is no data stack. */
export function stackNames({ deploy: { name, stage } }: Pick<ResolvedConfig, 'deploy'>): {
  data: string;
  pipeline: string;
} {
  const prefix = `${name}${stage.charAt(0).toUpperCase()}${stage.slice(1)}`;
  return { data: `${prefix}Data`, pipeline: `${prefix}Pipeline` };
}
