import type { Photograph } from '../photographs/photographs.ts';
import type { Task } from '../task.ts';
import type { Places } from '../ways/ways.ts';

/** What the ways share: the photograph, and the folder of their files. */
export interface Scene {
  photograph: Photograph;
  task: Task;
  places: Places;
  folder: string;
}
