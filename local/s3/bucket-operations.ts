import type { ServerResponse } from 'node:http';
import type { S3Context } from './context.ts';
import { accessDenied, malformedXml, S3Error } from './errors.ts';
import { listedDate } from './list-parameters.ts';
import { readXmlBody } from './read-xml-body.ts';
import type { S3Request } from './request.ts';
import { s3Document, sendDocument } from './xml.ts';
import { textOf } from './xml-reader.ts';

export function listBuckets(_request: S3Request, response: ServerResponse, { store }: S3Context): void {
  const buckets = store.index.buckets().map(({ name, created }) => ({
    Name: name,
    CreationDate: listedDate(created),
  }));
  const owner = { ID: 'sluice-local' };
  sendDocument(
    response,
    s3Document('ListAllMyBucketsResult', { Owner: owner, Buckets: { Bucket: buckets } }),
  );
}

export function headBucket(_request: S3Request, response: ServerResponse, context: S3Context): void {
  response.writeHead(200, { 'x-amz-bucket-region': context.credentials.region }).end();
}

/** S3 reports us-east-1 as an empty element. */
export function getLocation(_request: S3Request, response: ServerResponse, { credentials }: S3Context): void {
  const region = credentials.region === 'us-east-1' ? '' : credentials.region;
  sendDocument(response, s3Document('LocationConstraint', {}, region));
}

export function getVersioning({ bucket }: S3Request, response: ServerResponse, { store }: S3Context): void {
  sendDocument(response, s3Document('VersioningConfiguration', { Status: store.index.versioning(bucket) }));
}

export async function putVersioning(
  request: S3Request,
  response: ServerResponse,
  context: S3Context,
  payloadHash: string,
): Promise<void> {
  const root = await readXmlBody(request, context, payloadHash, 'VersioningConfiguration');
  const status = textOf(root, 'Status');
  if (textOf(root, 'MfaDelete') === 'Enabled')
    throw new S3Error(501, 'NotImplemented', 'This S3 has no MFA delete.');
  if (status !== 'Enabled' && status !== 'Suspended') throw malformedXml();
  context.store.index.setVersioning(request.bucket, status);
  response.writeHead(200).end();
}

/** The runner creates the bucket; clients may not create or delete one. */
export function refuseBucketChange(): never {
  throw accessDenied();
}
