/** The operation that created an object, as in S3's event names. */
export type CreatedBy = 'Put' | 'Post' | 'Copy' | 'CompleteMultipartUpload';

export interface CreatedObject {
  by: CreatedBy;
  bucket: string;
  key: string;
  size: number;
  /** Without quotes. */
  eTag: string;
  /** Absent if the bucket has never been versioned. */
  versionId?: string;
  /** Larger for the later version. */
  sequence: number;
  requestId: string;
  region: string;
}

/** The event of a created object, as S3 sends it to a function (version 2.1). */
export function createdEvent(object: CreatedObject): { Records: object[] } {
  const { by, bucket, key, size, eTag, versionId, sequence, requestId, region } = object;
  // Hexadecimal digits that sort in the order of the writes.
  const sequencer = sequence.toString(16).toUpperCase().padStart(18, '0');
  const principalId = 'SLUICELOCAL';
  const record = {
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    awsRegion: region,
    eventTime: new Date().toISOString(),
    eventName: `ObjectCreated:${by}`,
    userIdentity: { principalId: `AWS:${principalId}` },
    requestParameters: { sourceIPAddress: '127.0.0.1' },
    responseElements: { 'x-amz-request-id': requestId, 'x-amz-id-2': requestId },
    s3: {
      s3SchemaVersion: '1.0',
      configurationId: 'incoming',
      bucket: { name: bucket, ownerIdentity: { principalId }, arn: `arn:aws:s3:::${bucket}` },
      object: {
        key: encodeEventKey(key),
        size,
        eTag,
        ...(versionId === undefined ? {} : { versionId }),
        sequencer,
      },
    },
  };
  return { Records: [record] };
}

/** S3 form-encodes keys in events: a space is a plus. */
function encodeEventKey(key: string): string {
  return encodeURIComponent(key).replaceAll('%2F', '/').replaceAll('%20', '+');
}
