import type { LookupFunction } from 'node:net';
import { isPublicAddress } from '../addresses/public-address.ts';
import type { ResolveAll } from './resolve.ts';

/** A name resolves to an address that is not on the public Internet. */
export class AddressRefused extends Error {
  override readonly name = 'AddressRefused';
}

/** A name has no address, or its name server does not answer. */
export class NameNotResolved extends Error {
  override readonly name = 'NameNotResolved';
}

/**
 * A lookup for sockets that refuses a name if any of its addresses is not public. The socket connects to what was checked
 * here and asks no second time, so that a name cannot change in between (DNS rebinding).
 * @param signal ends a look-up that is under way
 */
export function checkedLookup(
  resolve: ResolveAll,
  { allowPrivate, signal }: { allowPrivate: boolean; signal: AbortSignal },
): LookupFunction {
  return async (hostname, options, callback) => {
    const addresses = await resolve(hostname, signal).catch((cause: unknown) => {
      callback(new NameNotResolved(`${hostname} was not resolved`, { cause }), []);
    });
    if (addresses === undefined) return;
    const [first] = addresses;
    if (first === undefined || !(allowPrivate || addresses.every(({ address }) => isPublicAddress(address))))
      callback(new AddressRefused(`${hostname} is not on the public Internet`), []);
    else if (options.all === true) callback(null, addresses);
    else callback(null, first.address, first.family);
  };
}
