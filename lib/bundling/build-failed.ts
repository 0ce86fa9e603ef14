/** The functions cannot be built; the message names the file or package and the remedy. */
export class BuildFailed extends Error {
  override readonly name = 'BuildFailed';
}
