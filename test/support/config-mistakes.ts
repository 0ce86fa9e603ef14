import { ConfigMistakes } from '../../lib/config/resolve.ts';

/** The mistakes of a configuration that a task reports; none if it succeeds. Other errors are thrown. */
export function configMistakes(task: () => unknown): string[] {
  try {
    task();
    return [];
  } catch (error) {
    if (error instanceof ConfigMistakes) return error.mistakes;
    throw error;
  }
}
