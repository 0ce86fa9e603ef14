import type { SourceColour } from './colour/source.ts';
import type { Inspected } from './inspect/inspect.ts';
import type { Credits } from './metadata/credits.ts';

/** An accepted original with the meaning of its numbers and the credits in its metadata. */
export interface SourceImage extends Inspected {
  colour: SourceColour;
  credits: Credits;
}
