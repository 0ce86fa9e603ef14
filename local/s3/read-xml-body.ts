import type { XmlElement } from '@rgrove/parse-xml';
import type { S3Context } from './context.ts';
import { malformedXml } from './errors.ts';
import { receiveBody } from './receive-body.ts';
import type { S3Request } from './request.ts';
import { readDocument } from './xml-reader.ts';

/** 1,000 keys of 1,024 bytes with their versions, each byte a reference at worst. */
const maxBytes = 8 * 1024 * 1024;

/** Reads a body that is a document with this root. @throws S3Error MalformedXML, or as receiveBody does */
export async function readXmlBody(
  request: S3Request,
  context: S3Context,
  payloadHash: string,
  root: string,
): Promise<XmlElement> {
  const { spool } = await receiveBody(request, context, payloadHash);
  try {
    if (spool.bytes > maxBytes) throw malformedXml();
    const chunks: Buffer[] = [];
    for await (const chunk of spool.read()) chunks.push(chunk as Buffer);
    return readDocument(Buffer.concat(chunks).toString(), root);
  } finally {
    await spool.discard();
  }
}
