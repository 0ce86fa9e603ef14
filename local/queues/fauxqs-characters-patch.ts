/** Characters that SQS takes in a message, those above U+FFFF among them. */
const refused = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;

/**
 * fauxqs 2.4.1 looks at halves of surrogate pairs and so refuses every message with a character above U+FFFF, such as an
 * emoji in an image's metadata. SQS takes them.
 */
export async function takeAllCharacters(): Promise<void> {
  const types = await import(new URL('./sqs/sqsTypes.js', import.meta.resolve('fauxqs')).href);
  (types.INVALID_MESSAGE_BODY_CHAR as RegExp).test = (text) => refused.test(text);
}
