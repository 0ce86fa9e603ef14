/** Why an operation was refused, without effect. `not_migrated`: the schema is of another version. */
export type MistakeCode =
  | 'tenant_unknown'
  | 'key_unknown'
  | 'key_ambiguous'
  | 'image_unknown'
  | 'plan_unknown'
  | 'plan_unusable'
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
