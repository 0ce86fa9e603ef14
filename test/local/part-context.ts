import type { Part, PartContext } from '../../local/parts/part.ts';
import type { PipelineOptions } from '../../local/pipeline-options.ts';
import { testConfig } from '../support/pipeline.ts';

const config = testConfig();

/** A context in which the parts before have started as these values. */
export function partContext(
  options: Partial<PipelineOptions>,
  ...before: (readonly [object, unknown])[]
): PartContext {
  const running = new Map<object, unknown>(before);
  return {
    options: { config, home: '', port: 0, onProgress: () => undefined, ...options },
    use: <Running>(part: Part<Running>) => running.get(part) as Running,
  };
}
