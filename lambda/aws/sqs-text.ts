/**
 * JSON as SQS takes it: of what JSON leaves unescaped, U+FFFE and U+FFFF are no characters of XML 1.0, for which SQS refuses
 * a message (InvalidMessageContents). Metadata of images may have them.
 */
export function sqsText(json: string): string {
  return json.replace(/[\uFFFE\uFFFF]/g, (character) => `\\u${character.charCodeAt(0).toString(16)}`);
}
