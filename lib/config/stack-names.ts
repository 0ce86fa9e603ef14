import type { ResolvedConfig } from './schema.ts';

/** Names of a stage's two stacks. With an existing database there is no data stack. */
export function stackNames({ deploy: { name, stage } }: Pick<ResolvedConfig, 'deploy'>): {
  data: string;
  pipeline: string;
} {
  const prefix = `${name}${stage.charAt(0).toUpperCase()}${stage.slice(1)}`;
  return { data: `${prefix}Data`, pipeline: `${prefix}Pipeline` };
}
