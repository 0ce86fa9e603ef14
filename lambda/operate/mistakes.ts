/** Why an operation was refused, without effect. */
export type MistakeCode =
  | 'tenant_unknown'
  | 'key_unknown'
  | 'key_ambiguous'
  | 'image_unknown'
  /** The tables are missing or of another version. */
  | 'not_migrated';

/** The message begins with the code, for callers that see only the message. */
export class OperationMistake extends Error {
  override readonly name = 'OperationMistake';
  readonly code: MistakeCode;
  constructor(code: MistakeCode, detail: string, options?: ErrorOptions) {
    super(`${code}: ${detail}`, options);
    this.code = code;
  }
}
