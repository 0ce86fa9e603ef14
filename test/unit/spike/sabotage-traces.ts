import { sabotages } from '../../../bench/spike/sabotage/table.ts';

/** The names of sabotages, and the word itself. */
export const traces = new RegExp(['sabotag', ...sabotages.map(({ name }) => name)].join('|'), 'i');
