import { Rejection } from './failure.ts';

/** Checks a file's size in bytes. @throws Rejection empty_file, file_too_large */
export function checkFileSize(bytes: number, maxBytes: number): void {
  if (bytes === 0) throw new Rejection('empty_file', 'The file is empty.');
  if (bytes > maxBytes)
    throw new Rejection('file_too_large', `The file has ${bytes} bytes; at most ${maxBytes} are accepted.`);
}
