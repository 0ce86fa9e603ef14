import ipaddr from 'ipaddr.js';

/** The only block of IPv6 that is routed on the Internet; `unicast` of ipaddr.js also has ::/96 and what is unassigned. */
const routedV6 = ipaddr.IPv6.parseCIDR('2000::/3');

/**
 * Whether an address, as `dns.lookup` returns it, is one of the public Internet. By the registries of IANA (RFC 6890):
 * private, loopback, link-local (with the metadata service of EC2), shared, multicast, documentation and reserved blocks
 * are not; nor are addresses of IPv6 that contain one of IPv4 (mapped, 6to4, Teredo, NAT64).
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.parse(address);
  if (parsed.range() !== 'unicast') return false;
  return parsed instanceof ipaddr.IPv4 || parsed.match(routedV6);
}

/** The address in a URL's hostname, or undefined if that is a name. The URL parser has normalised every spelling. */
export function literalAddress(hostname: string): string | undefined {
  const bare = hostname.replace(/^\[|\]$/g, '');
  return ipaddr.isValid(bare) ? bare : undefined;
}
