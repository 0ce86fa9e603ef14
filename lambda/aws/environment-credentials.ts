import { fromEnv } from '@aws-sdk/credential-provider-env';

/* Replaces the SDK's credential chain in the bundle (`bundle.ts`). Functions have credentials in the environment, as in
 * LocalStack and locally; the other providers take 90 kB. */

/** For the clients. */
export const defaultProvider = fromEnv;
/** For the signer of database logins. */
export const fromNodeProviderChain = fromEnv;
