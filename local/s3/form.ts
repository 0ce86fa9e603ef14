import type { Readable } from 'node:stream';
import { Busboy, type BusboyInstance } from '@fastify/busboy';
import { invalidArgument, S3Error } from './errors.ts';
import type { S3Request } from './request.ts';

/** S3 accepts at most 20 KB of form before the file. */
const maxFieldBytes = 20 * 1024;

/** A POST form up to its file. Fields after the file are ignored, as in S3. */
export interface UploadForm {
  fields: Map<string, string>;
  /** Name of the client's file, for `${filename}` in the key. */
  filename: string;
  file: Readable;
}

/**
 * Reads a multipart/form-data body up to the beginning of its file.
 * @throws S3Error for a form that is malformed, has no file, or has too long fields
 */
export function readForm(request: S3Request): Promise<UploadForm> {
  return new Promise((done, fail) => {
    const fields = new Map<string, string>();
    let bytes = 0;
    let file: Readable | undefined;
    const broken = () =>
      new S3Error(
        400,
        'MalformedPOSTRequest',
        'The body of your POST request is not well-formed multipart/form-data.',
      );
    let parser: BusboyInstance;
    try {
      parser = new Busboy({
        headers: { ...request.headers, 'content-type': request.headers['content-type'] ?? '' },
        limits: { fieldSize: maxFieldBytes + 1, files: 1 },
        isPartAFile: (name) => name?.toLowerCase() === 'file',
      });
    } catch {
      fail(broken());
      return;
    }
    parser.on('field', (name, value) => {
      bytes += name.length + value.length;
      if (bytes > maxFieldBytes) {
        const message = 'Your POST request fields preceding the upload file were too large.';
        fail(
          new S3Error(400, 'MaxPostPreDataLengthExceededError', message, {
            MaxPostPreDataLengthBytes: maxFieldBytes,
          }),
        );
      } else if (file === undefined) fields.set(name.toLowerCase(), value);
    });
    parser.on('file', (_name, stream, filename) => {
      file = stream;
      done({ fields, filename, file: stream });
    });
    parser.on('error', () => {
      file?.destroy(broken());
      fail(broken());
    });
    parser.on('finish', () => fail(invalidArgument('POST requires exactly one file upload per request.')));
    request.body.once('close', () => {
      if (!request.body.complete) file?.destroy(broken());
    });
    request.body.pipe(parser);
  });
}
