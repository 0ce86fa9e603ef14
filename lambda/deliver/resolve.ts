import type { LookupAddress } from 'node:dns';
import { lookup, Resolver } from 'node:dns/promises';

/** Resolves a name to all of its addresses; rejects if it has none. Stops asking when the signal aborts. */
export type ResolveAll = (hostname: string, signal: AbortSignal) => Promise<LookupAddress[]>;

export interface NameServers {
  /** Default: those of the system. */
  servers?: readonly string[];
  /** For the first answer of a name server; the second try waits for twice as long. Default: 2 s. */
  timeoutMs?: number;
}

/**
 * Asks name servers without threads. `dns.lookup` has two of the four of libuv's pool, and a look-up cannot be cancelled:
 * two names of tenants whose servers are silent would hold both for longer than a call, and no other name would resolve.
 */
export function askNameServers({ servers, timeoutMs = 2_000 }: NameServers = {}): ResolveAll {
  return async (hostname, signal) => {
    signal.throwIfAborted();
    const resolver = new Resolver({ timeout: timeoutMs, tries: 2 });
    if (servers !== undefined) resolver.setServers(servers);
    const cancel = () => resolver.cancel();
    signal.addEventListener('abort', cancel, { once: true });
    try {
      // IPv4 first: a function outside the VPC has no IPv6.
      const [four, six] = await Promise.allSettled([
        resolver.resolve4(hostname),
        resolver.resolve6(hostname),
      ]);
      // A family that has no answer is not connected to, so what is unknown of it does not matter.
      const addresses = [
        ...(four.status === 'fulfilled' ? four.value : []).map((address) => ({ address, family: 4 })),
        ...(six.status === 'fulfilled' ? six.value : []).map((address) => ({ address, family: 6 })),
      ];
      if (addresses.length === 0) throw four.status === 'rejected' ? four.reason : new Error('no address');
      return addresses;
    } finally {
      signal.removeEventListener('abort', cancel);
    }
  };
}

/** Asks the system, which also knows the names of its hosts file: for tests and the local runner. */
export const askSystem: ResolveAll = (hostname) => lookup(hostname, { all: true });
