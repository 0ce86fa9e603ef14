import { ConfigMistakes } from '../../lib/config/resolve.ts';

/** The mistakes that a task tells of a configuration; none where it ends well. Every other error is thrown. */
export function configMistakes(task: () => unknown): string[] {
  try {
    task();
    return [];
  } catch (error) {
    if (error instanceof ConfigMistakes) return error.mistakes;
    throw error;
  }
}
