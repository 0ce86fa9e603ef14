/** A rule that holds the pipeline together is broken; the message carries the arithmetic. */
export class RuleBroken extends Error {
  override readonly name: string = 'RuleBroken';
  /** The setting that is at fault, as a path in sluice.config.ts. */
  readonly path: string;
  constructor(path: string, message: string) {
    super(message);
    this.path = path;
  }
}
