/** Why an operation could not be done; nothing was. */
export type MistakeCode =
  | 'tenant_unknown'
  | 'key_unknown'
  | 'key_ambiguous'
  | 'image_unknown'
  /** The tables are not there, or not as this code knows them. */
  | 'not_migrated';

/** The message begins with the code, so that a caller who sees nothing else can tell them apart. */
export class OperationMistake extends Error {
  override readonly name = 'OperationMistake';
  readonly code: MistakeCode;
  constructor(code: MistakeCode, detail: string, options?: ErrorOptions) {
    super(`${code}: ${detail}`, options);
    this.code = code;
  }
}
