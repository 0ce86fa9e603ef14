import { environmentOf } from '../runtime/environment.ts';

/** What this function reads of its environment; its entry in lib/catalogue must list the same parts. */
export const functionEnvironment = environmentOf('database', 'roles');
