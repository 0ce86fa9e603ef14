import { App, type Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { sluiceApp } from '../../lib/app.ts';
import { deployment, ownDatabase } from '../../lib/config/deployment.ts';
import type { SluiceConfig } from '../../lib/config/schema.ts';
import { Account, type StackTemplate } from './cloudformation/account.ts';
import { appProps, plain, unbuilt } from './synthesis.ts';

/*
 * Updates a deployed stage: its data stack first, while the previous pipeline uses it, then its pipeline. For each pair of
 * these settings, there and back.
 */
const settings: Record<string, Partial<SluiceConfig>> = {
  'as it comes': {},
  'another engine': { database: { engine: 'aurora-serverless' } },
  'Aurora without a reader': { database: { engine: 'aurora-serverless', multiAz: false } },
  'Aurora with more capacity': { database: { engine: 'aurora-serverless', capacity: { min: 2, max: 16 } } },
  'a proxy': { database: { proxy: true } },
  'a proxy before Aurora': { database: { proxy: true, engine: 'aurora-serverless' } },
  'an owner with a password': { database: { ownerLogin: 'password' } },
  'a larger instance': { database: { instance: 'm7g.large' } },
  'no standby': { database: { multiAz: false } },
  'more storage': { database: { storageGb: 50, maxStorageGb: 1000 } },
  'more connections': { database: { maxConnections: 150, reserve: 20 } },
  'other backups': { database: { backupDays: 30 } },
  'no protection': { database: { deletionProtection: false } },
  'endpoints in one zone': { database: { endpointZones: 1 } },
  'short logs': { deploy: { logDays: 7 } },
  'nothing kept': { deploy: { removal: 'destroy' } },
  'no firewall': { deploy: { firewall: false } },
  'another page and other floods': {
    deploy: { origins: ['https://shop.example'], requestsPerSecond: 50, burst: 10 },
  },
  'no streams': { deploy: { responseStreaming: false } },
  'no traces': { deploy: { tracing: false } },
  'another processor': { deploy: { architecture: 'x64' } },
  'no log role': { deploy: { gatewayLogRole: false } },
  'bodies unchecked': { deploy: { validateBodies: false } },
  'migrated by hand': { deploy: { migration: 'invoke' } },
  'no versions': { deploy: { versions: false } },
  'events of images': { deploy: { readyEvents: true } },
  'alarms that notify': { deploy: { alarmTopicArn: 'arn:aws:sns:eu-central-1:111122223333:on-call' } },
  'counters in a cache': { counters: { store: 'valkey' } },
  'nothing reserved': { deploy: { reservedConcurrency: false } },
  'everything smaller': {
    api: { maxConcurrency: 5 },
    enqueue: { maxConcurrency: 5 },
    process: { maxConcurrency: 4, timeoutSeconds: 120, batchSize: 5 },
  },
};
const otherZones: Partial<SluiceConfig> = { database: { zones: ['eu-central-1a', 'eu-central-1c'] } };

interface Stage {
  data: StackTemplate;
  pipeline: StackTemplate;
}

function stage(config: Partial<SluiceConfig>, strength?: 'strong'): Stage {
  const { context, ...props } = appProps();
  const references = strength === undefined ? {} : { '@aws-cdk/core:defaultCrossStackReferences': strength };
  const app = new App({ ...props, context: { ...context, ...references } });
  const whole: SluiceConfig = { ...plain, ...config, deploy: { review: false, ...config.deploy } };
  sluiceApp(app, whole, 'prod', { functions: unbuilt(whole, 'prod') });
  const template = (name: string) =>
    Template.fromStack(app.node.findChild(name) as Stack).toJSON() as StackTemplate;
  return { data: template('SluiceProdData'), pipeline: template('SluiceProdPipeline') };
}

/** As `cdk deploy --all`: the second stack only if the first succeeded. */
function deploy(account: Account, { data, pipeline }: Stage): string[] {
  const refused = account.deploy('SluiceProdData', data);
  return refused.length > 0 ? refused : account.deploy('SluiceProdPipeline', pipeline);
}

/** CloudFormation's objections to the second stage over the first, and then to the first again. */
function thereAndBack(from: Stage, to: Stage): { there: string[]; back: string[] } {
  const account = new Account();
  expect(deploy(account, from)).toEqual([]);
  const there = deploy(account, to);
  return { there, back: there.length > 0 ? [] : deploy(account, from) };
}

const names = Object.keys(settings);
const stages = new Map(names.map((name) => [name, stage(settings[name] ?? {})]));
const engineOf = (name: string) => settings[name]?.database?.engine ?? 'postgres';
const keptBy = (name: string) => settings[name]?.deploy?.removal !== 'destroy';

describe.each(names)('a deployed stage: %s', (from) => {
  const others = names.filter((to) => to !== from);
  const each = (objectionsTo: (to: string) => string[]) =>
    Object.fromEntries(
      others.map((to) => [to, objectionsTo(to)] as const).filter(([, objections]) => objections.length > 0),
    );
  const ways = new Map(
    others.map((to) => [to, thereAndBack(stages.get(from) as Stage, stages.get(to) as Stage)] as const),
  );

  it('a deployed stage can be updated to any other', () => {
    expect(each((to) => ways.get(to)?.there ?? [])).toEqual({});
  });

  it('a deleted stage can be deployed again, unless its retained server has the name', () => {
    // docs/configuration.md, "Changing a stage".
    const left = others.filter((to) => engineOf(from) !== engineOf(to) && keptBy(from));
    const taken = (refusal: string) => /: already exists \(AWS::(RDS|Logs)::/.test(refusal);
    expect(
      each((to) => (ways.get(to)?.back ?? []).filter((one) => !(left.includes(to) && taken(one)))),
    ).toEqual({});
    const met = others.filter((to) => ways.get(to)?.back.some((one) => one.includes('AWS::RDS::DB')));
    expect(met).toEqual(left);
  });
});

it('the stages of this test cover every setting of deployment and database', () => {
  const sections = { deploy: Object.keys(deployment.shape), database: Object.keys(ownDatabase) };
  const tried = (section: keyof typeof sections, field: string) =>
    [...Object.values(settings), otherZones].some((config) => field in (config[section] ?? {}));
  const left = (Object.keys(sections) as (keyof typeof sections)[]).flatMap((section) =>
    sections[section].filter((field) => !tried(section, field)).map((field) => `${section}.${field}`),
  );
  // The first two name the stacks, the last one runs the rule packs.
  expect(left).toEqual(['deploy.name', 'deploy.stage', 'deploy.review']);
});

it('a proxy can be removed without an outage if the pipeline is deployed first', () => {
  const account = new Account();
  expect(deploy(account, stages.get('a proxy') as Stage)).toEqual([]);
  const { data, pipeline } = stages.get('as it comes') as Stage;
  expect(account.deploy('SluiceProdPipeline', pipeline)).toEqual([]);
  expect(account.deploy('SluiceProdData', data)).toEqual([]);
});

describe('updates that are impossible', () => {
  it('a stage cannot move to other zones, because subnets do not move', () => {
    const { there } = thereAndBack(stages.get('as it comes') as Stage, stage(otherZones));
    expect(there.join('\n')).toMatch(
      /Subnet1.*cannot be replaced under it \(AWS::EC2::Subnet .*10\.0\.0\.0\/20/,
    );
  });
});

describe('the model of CloudFormation', () => {
  it('the model of CloudFormation rejects updates that strong references prevent', () => {
    const plain = stage({}, 'strong');
    const proxied = stage({ database: { proxy: true } }, 'strong');
    const aurora = stage({ database: { engine: 'aurora-serverless' } }, 'strong');
    const refused = (from: Stage, to: Stage) => thereAndBack(from, to).there.join('\n');
    expect(refused(plain, stage({ deploy: { logDays: 7 } }, 'strong'))).toBe('');
    const inUse = (what: string) => new RegExp(`export .*${what}.* cannot be deleted: it is in use`);
    expect(refused(proxied, plain)).toMatch(inUse('DBProxyArn'));
    expect(refused(plain, aurora)).toMatch(inUse('DbiResourceId'));
    expect(refused(aurora, plain)).toMatch(inUse('EndpointAddress'));
  });

  const { data, pipeline } = stages.get('as it comes') as Stage;
  const altered = (of: StackTemplate, change: (template: StackTemplate) => void): StackTemplate => {
    const copy = structuredClone(of);
    change(copy);
    return copy;
  };
  /** Its objections to a change of the data stack, or of the pipeline stack. */
  const against = (change: (template: StackTemplate) => void, of: 'data' | 'pipeline' = 'data'): string[] => {
    const account = new Account();
    deploy(account, { data, pipeline });
    return of === 'data'
      ? account.deploy('SluiceProdData', altered(data, change))
      : account.deploy('SluiceProdPipeline', altered(pipeline, change));
  };
  const idOf = ({ Resources }: StackTemplate, type: string, part = '') =>
    Object.keys(Resources).find((id) => Resources[id]?.Type === type && id.includes(part)) ?? '';
  const propertiesOf = (template: StackTemplate, type: string, part = '') =>
    template.Resources[idOf(template, type, part)]?.Properties ?? {};

  it('the model of CloudFormation rejects another type under an existing logical id', () => {
    const id = idOf(data, 'AWS::RDS::DBParameterGroup');
    const objections = against(({ Resources }) => {
      (Resources[id] as { Type: string }).Type = 'AWS::RDS::DBClusterParameterGroup';
    });
    expect(objections).toEqual([
      `${id}: type cannot change from AWS::RDS::DBParameterGroup to AWS::RDS::DBClusterParameterGroup`,
    ]);
  });

  it('the model of CloudFormation rejects replacing a resource with an explicit name, even if its parent is replaced', () => {
    const named = (objections: string[]) =>
      objections.filter((one) => one.includes('cannot be replaced under it'));
    const owner = (template: StackTemplate) => {
      propertiesOf(template, 'AWS::RDS::DBInstance').MasterUsername = 'somebody';
    };
    expect(named(against(owner))).toHaveLength(1);
    const cidr = (template: StackTemplate) => {
      propertiesOf(template, 'AWS::EC2::VPC').InstanceTenancy = 'dedicated';
    };
    // A subnet of another network is another one; no stack uses the output that names it.
    expect(against(cidr).join('\n')).toMatch(/output .*Subnet1.* is another under the same name/);
  });

  it('the model of CloudFormation rejects a name that is taken', () => {
    const objections = against(({ Resources }) => {
      const id = idOf(data, 'AWS::Logs::LogGroup', 'Postgresql');
      Resources.Other = Resources[id] as (typeof Resources)[string];
      delete Resources[id];
    });
    expect(objections).toEqual([expect.stringMatching(/^Other: already exists \(AWS::Logs::LogGroup /)]);
  });

  it('the model of CloudFormation rejects a weak reference whose unknown value would replace a resource', () => {
    const objections = against((template) => {
      const weak = { 'Fn::GetStackOutput': { StackName: 'SluiceProdData', OutputName: 'Any' } };
      propertiesOf(template, 'AWS::Lambda::EventSourceMapping').EventSourceArn = weak;
    }, 'pipeline');
    expect(objections.join('\n')).toMatch(
      /EventSourceArn comes weakly from another stack and may replace it/,
    );
    expect(objections).toContain('no stack outputs SluiceProdData.Any');
  });
});
