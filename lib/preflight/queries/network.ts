import {
  DescribeAvailabilityZonesCommand,
  EC2Client,
  paginateDescribeSubnets,
  paginateDescribeVpcEndpoints,
  paginateDescribeVpcs,
} from '@aws-sdk/client-ec2';
import type { AccountQueries } from '../account-queries.ts';
import { allOf, type ClientOptions, clientConfig } from './clients.ts';

export function networkQueries(
  options: ClientOptions,
): Pick<AccountQueries, 'vpcs' | 'gatewayEndpoints' | 'zones'> {
  const client = new EC2Client(clientConfig(options));
  return {
    vpcs: () => allOf(paginateDescribeVpcs({ client }, {}), (page) => page.Vpcs),
    async gatewayEndpoints() {
      const Filters = [{ Name: 'vpc-endpoint-type', Values: ['Gateway'] }];
      return (await allOf(paginateDescribeVpcEndpoints({ client }, { Filters }), (page) => page.VpcEndpoints))
        .length;
    },
    async zones() {
      const { AvailabilityZones = [] } = await client.send(
        new DescribeAvailabilityZonesCommand({ Filters: [{ Name: 'state', Values: ['available'] }] }),
      );
      const Filters = [{ Name: 'default-for-az', Values: ['true'] }];
      const subnets = await allOf(paginateDescribeSubnets({ client }, { Filters }), (page) => page.Subnets);
      // Without local zones and Outposts, which the template does not use.
      const regional = AvailabilityZones.filter(
        ({ ZoneType = 'availability-zone' }) => ZoneType === 'availability-zone',
      );
      return {
        all: sorted(regional.map(({ ZoneName }) => ZoneName)),
        ofDefaultVpc: sorted(subnets.map(({ AvailabilityZone }) => AvailabilityZone)),
      };
    },
  };
}

function sorted(names: (string | undefined)[]): string[] {
  return [...new Set(names.filter((name) => name !== undefined))].sort();
}
