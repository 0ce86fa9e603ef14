import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { catalogue, type FunctionName } from '../../lib/catalogue/catalogue.ts';
import { one, text } from './reading.ts';
import { plain, synthesise, unbuilt } from './synthesis.ts';

const { pipeline } = synthesise();
const names = Object.keys(catalogue) as FunctionName[];
const all = (type: string) => Object.values(pipeline.findResources(type));

describe.each(names)('a release of %s', (name) => {
  const lambda = one(pipeline, 'AWS::Lambda::Function', `Functions${name}Function`).id;
  const version = one(pipeline, 'AWS::Lambda::Version', `Functions${name}Function`);
  const alias = one(pipeline, 'AWS::Lambda::Alias', `Functions${name}Function`);

  it('a release publishes a version, and the alias live points to it', () => {
    expect(version.Properties).toEqual({ FunctionName: { Ref: lambda } });
    expect(alias.Properties).toEqual({
      Name: 'live',
      FunctionName: { Ref: lambda },
      FunctionVersion: { 'Fn::GetAtt': [version.id, 'Version'] },
    });
  });

  it('a release keeps the previous version, but not its own if it fails', () => {
    expect(version).toMatchObject({ DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' });
  });

  it('versions are deleted with their function', () => {
    const { DeletionPolicy } = one(pipeline, 'AWS::Lambda::Function', `Functions${name}Function`);
    expect(DeletionPolicy ?? 'Delete').toBe('Delete');
    expect(alias.DeletionPolicy ?? 'Delete').toBe('Delete');
  });
});

describe('a new version', () => {
  const functions = unbuilt(plain);
  const versions = () => {
    const { pipeline } = synthesise({}, { functions });
    return names.map((name) => one(pipeline, 'AWS::Lambda::Version', `Functions${name}Function`).id);
  };

  it('a new version is published of the changed function only', () => {
    const before = versions();
    writeFileSync(join(functions.sweep.folder, 'index.mjs'), 'export const handler = () => 1;');
    const after = versions();
    expect(names.filter((_, index) => before[index] !== after[index])).toEqual(['sweep']);
  });
});

describe('callers of a function', () => {
  const aliases = Object.keys(pipeline.findResources('AWS::Lambda::Alias'));
  const isLive = (name: unknown) =>
    aliases.some((id) => text(name) === `<${id}>` || new RegExp(`"${id}".*:live$`).test(text(name)));

  it('callers may invoke the alias live, and no function by its bare name', () => {
    const allowed = all('AWS::Lambda::Permission').map(
      ({ Properties }) => Properties.FunctionName as unknown,
    );
    expect(allowed.filter((name) => !isLive(name))).toEqual([]);
    // The bucket calls enqueue, the gateway api and export, schedules exportjob and sweep.
    expect(new Set(allowed.map(text)).size).toBe(5);
  });

  it('callers refer to the alias live', () => {
    const invoked = [
      ...all('AWS::Lambda::EventSourceMapping').map(({ Properties }) => Properties.FunctionName),
      ...all('AWS::Events::Rule').flatMap(({ Properties }) =>
        Properties.Targets.map(({ Arn }: { Arn: unknown }) => Arn).filter(
          (target: unknown) => !text(target).includes('Queue') && !text(target).includes('Nudges'),
        ),
      ),
      ...all('AWS::S3::Bucket').flatMap(({ Properties }) =>
        (Properties.NotificationConfiguration?.LambdaConfigurations ?? []).map(
          ({ Function: target }: { Function: unknown }) => target,
        ),
      ),
    ];
    // Six mappings, two schedules, and two notifications of the bucket.
    expect(invoked).toHaveLength(10);
    expect(invoked.filter((target) => !isLive(target))).toEqual([]);
  });
});

describe('traces', () => {
  const traced = (tracing: boolean) =>
    Object.values(synthesise({ deploy: { tracing } }).pipeline.findResources('AWS::Lambda::Function'))
      .filter(({ Properties }) => Properties.Environment !== undefined)
      .map(({ Properties }) => Properties.TracingConfig?.Mode as unknown);

  it('with tracing every function is traced', () => {
    expect(traced(true)).toEqual(names.map(() => 'Active'));
  });

  it('without tracing no function is traced', () => {
    expect(traced(false)).toEqual(names.map(() => undefined));
  });
});
