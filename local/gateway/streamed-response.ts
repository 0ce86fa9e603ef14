import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type ProxyResult, parseProxyResult, setHeaders } from './proxy-result.ts';

/** Between the metadata, which are JSON, and the body. */
const separator = Buffer.alloc(8);
/** Longest metadata that are looked for. */
const maxMetadataBytes = 64 * 1024;

/** The stream does not begin with metadata and eight zero bytes. API Gateway returns 502. */
export class MalformedStream extends Error {
  override readonly name = 'MalformedStream';
}

/**
 * Sends a streamed response of a proxy integration (ResponseTransferMode STREAM) at the pace of the client. Does not end
 * the client's response: whether the function succeeded is known later. A client that goes away ends the stream.
 * @throws MalformedStream, or why the stream was cut off
 */
export async function sendStream(body: Readable, response: ServerResponse, requestId: string): Promise<void> {
  const gone = (): void => {
    body.destroy();
  };
  response.once('close', gone);
  try {
    const { metadata, rest } = await readMetadata(body);
    setHeaders(response, metadata, requestId);
    response.writeHead(metadata.statusCode);
    // The first row is worth a packet of its own.
    response.flushHeaders();
    if (rest.length > 0) response.write(rest);
    await pipeline(body, response, { end: false });
  } finally {
    response.off('close', gone);
  }
}

async function readMetadata(body: Readable): Promise<{ metadata: ProxyResult; rest: Buffer }> {
  let read = Buffer.alloc(0);
  // Not `for await`, which would destroy the stream at the break.
  for (;;) {
    const chunk: Buffer | null = body.read();
    if (chunk === null) {
      await readable(body);
      continue;
    }
    read = Buffer.concat([read, chunk]);
    const end = read.indexOf(separator);
    if (end >= 0) {
      const metadata = parseProxyResult(read.subarray(0, end).toString());
      if (metadata === undefined) break;
      return { metadata, rest: read.subarray(end + separator.length) };
    }
    if (read.length > maxMetadataBytes) break;
  }
  body.destroy();
  throw new MalformedStream('The stream has no metadata.');
}

function readable(body: Readable): Promise<void> {
  if (body.readableEnded || body.destroyed)
    return Promise.reject(new MalformedStream('The stream is empty.'));
  return new Promise((done, fail) => {
    const settle = (finish: () => void) => () => {
      body.off('readable', onReadable).off('end', onEnd).off('close', onEnd);
      finish();
    };
    const onReadable = settle(done);
    const onEnd = settle(() => fail(new MalformedStream('The stream ended before its metadata.')));
    body.once('readable', onReadable).once('end', onEnd).once('close', onEnd);
  });
}
