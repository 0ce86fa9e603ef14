import { App, Stack } from 'aws-cdk-lib';
import { SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { type DatabaseSettings, ImagePipeline, type SluiceConfig } from 'sluice';

const avatars: SluiceConfig = {
  presets: { square: { width: 256, height: 256, fit: 'cover', watermarks: ['logo'] } },
  // Relative to this app, not to Sluice.
  watermarks: { logo: { type: 'image', path: 'brand/logo.png' } },
};
const photos: SluiceConfig = { presets: { large: { width: 1600 }, small: { width: 320 } } };

const app = new App();
const stack = new Stack(app, 'PhotoShop');

// On an existing Postgres …
const vpc = Vpc.fromVpcAttributes(stack, 'Vpc', {
  vpcId: 'vpc-0123456789abcdef0',
  availabilityZones: ['eu-central-1a', 'eu-central-1b'],
  isolatedSubnetIds: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'],
});
const secret = (name: string) =>
  Secret.fromSecretCompleteArn(
    stack,
    name,
    `arn:aws:secretsmanager:eu-central-1:123456789012:secret:${name}-AbCdEf`,
  );
const database: DatabaseSettings = {
  host: 'postgres.internal',
  port: '5432',
  name: 'photos',
  tls: 'verify',
  owner: { user: 'photos_owner', secret: secret('owner') },
  roles: { auth: 'password', secret: secret('roles') },
  network: {
    vpc,
    subnets: { subnets: vpc.isolatedSubnets },
    securityGroups: [SecurityGroup.fromSecurityGroupId(stack, 'MayUsePostgres', 'sg-0123456789abcdef0')],
  },
};
const existing = new ImagePipeline(stack, 'Photos', { config: photos, database });
// … and one with its own, in the same stack.
new ImagePipeline(stack, 'Avatars', { config: avatars });

stack.exportValue(existing.api.restApi.url, { name: 'PhotosUrl' });
