import { fromEnv } from '@aws-sdk/credential-provider-env';

/*
 * The build puts this in the place of the SDK's chain of credential providers (`bundle.ts`). Lambda gives a function
 * its role's credentials in the environment, and so do LocalStack and the local runner; profiles, SSO, processes,
 * web identities and metadata services, 90 kB of bundle, are for other places.
 */

/** For the clients. */
export const defaultProvider = fromEnv;
/** For the signer of database logins. */
export const fromNodeProviderChain = fromEnv;
