import { Sha256 } from '@smithy/core/checksum';
import { buildQueryString } from '@smithy/core/protocols';
import { SignatureV4 } from '@smithy/signature-v4';
import { type SigningClient, signingClient } from './signing-client.ts';
import { signingFault } from './storage-fault.ts';

/** MSK accepts 15 minutes at most. */
const lifeSeconds = 900;

/**
 * A token for brokers of MSK with IAM access control (SASL/OAUTHBEARER): the base64url of a presigned URL of the action
 * kafka-cluster:Connect, as https://github.com/aws/aws-msk-iam-sasl-signer-js makes it. Nothing is sent.
 * @throws TransientFailure `storage_unavailable` without credentials.
 */
export async function mskToken(
  client: SigningClient = signingClient(),
  signingDate: Date = new Date(),
): Promise<string> {
  const { config } = client;
  const [credentials, region] = await Promise.all([config.credentials(), config.region()]).catch(
    signingFault,
  );
  const hostname = `kafka.${region}.amazonaws.com`;
  const signature = new SignatureV4({ service: 'kafka-cluster', sha256: Sha256, credentials, region });
  const { query } = await signature.presign(
    {
      method: 'GET',
      protocol: 'https:',
      hostname,
      path: '/',
      query: { Action: 'kafka-cluster:Connect' },
      headers: { host: hostname },
    },
    { signingDate, expiresIn: lifeSeconds },
  );
  // Not signed, as in the reference: the brokers log it.
  const url = `https://${hostname}/?${buildQueryString({ ...query, 'User-Agent': 'sluice' })}`;
  return Buffer.from(url).toString('base64url');
}
