/** A consistency rule of the pipeline is broken; the message has the arithmetic. */
export class RuleBroken extends Error {
  override readonly name: string = 'RuleBroken';
  /** The setting at fault, as a path in sluice.config.ts. */
  readonly path: string;
  constructor(path: string, message: string) {
    super(message);
    this.path = path;
  }
}
