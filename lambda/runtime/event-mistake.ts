/** Invalid event of an invocation; nothing was done. */
export class EventMistake extends Error {
  override readonly name = 'EventMistake';
}
