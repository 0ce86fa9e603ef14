import * as ec2 from '@aws-sdk/client-ec2';
import { allOf, clientConfig, type Queries } from './clients.ts';

export const networkQueries: Queries<'vpcs' | 'gatewayEndpoints' | 'zones'> = (options) => {
  const client = new ec2.EC2Client(clientConfig(options));
  return {
    vpcs: () => allOf(ec2.paginateDescribeVpcs({ client }, {}), (page) => page.Vpcs),
    async gatewayEndpoints() {
      const Filters = [{ Name: 'vpc-endpoint-type', Values: ['Gateway'] }];
      return (
        await allOf(ec2.paginateDescribeVpcEndpoints({ client }, { Filters }), (page) => page.VpcEndpoints)
      ).length;
    },
    async zones() {
      const { AvailabilityZones = [] } = await client.send(
        new ec2.DescribeAvailabilityZonesCommand({ Filters: [{ Name: 'state', Values: ['available'] }] }),
      );
      const Filters = [{ Name: 'default-for-az', Values: ['true'] }];
      const subnets = await allOf(
        ec2.paginateDescribeSubnets({ client }, { Filters }),
        (page) => page.Subnets,
      );
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
};

function sorted(names: (string | undefined)[]): string[] {
  return [...new Set(names.filter((name) => name !== undefined))].sort();
}
