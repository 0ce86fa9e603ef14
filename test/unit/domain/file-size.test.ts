import { expect, it } from 'vitest';
import { checkFileSize } from '../../../lambda/domain/file-size.ts';

it.each([
  [0, 'empty_file'],
  [1, undefined],
  [10, undefined],
  [11, 'file_too_large'],
])('a file of %i bytes, with a maximum of 10, is refused as %s', (bytes, code) => {
  const check = () => checkFileSize(bytes, 10);
  if (code === undefined) expect(check).not.toThrow();
  else expect(check).toThrow(expect.objectContaining({ code }));
});
