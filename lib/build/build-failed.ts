/** The functions cannot be built; the message says which file or package is at fault and what to do. */
export class BuildFailed extends Error {
  override readonly name = 'BuildFailed';
}
