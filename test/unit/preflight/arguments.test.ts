import { describe, expect, it } from 'vitest';
import { ArgumentMistake, readCdkArguments } from '../../../bin/stage/arguments.ts';

describe('arguments for the CDK', () => {
  it.each([
    [[], 'dev'],
    [['-c', 'stage=prod'], 'prod'],
    [['--context', 'stage=prod'], 'prod'],
    [['--context=stage=prod', '--require-approval', 'never'], 'prod'],
    [['-c', 'other=1', '-c', 'stage=one', '-c', 'stage=two'], 'two'],
    [['-c'], 'dev'],
  ])('the arguments %j select the stage %s', (args, stage) => {
    expect(readCdkArguments(args).stage).toBe(stage);
  });

  it.each([
    [['--profile', 'one'], 'one'],
    [['--profile=one'], 'one'],
    [['-c', 'stage=prod'], undefined],
  ])('the arguments %j select the profile %s', (args, profile) => {
    expect(readCdkArguments(args).profile).toBe(profile);
  });

  it.each([[['--stage', 'prod']], [['--stage=prod']], [['stage=prod']]])(
    'the arguments %j would deploy dev, and are refused',
    (args) => {
      expect(() => readCdkArguments(args)).toThrow(ArgumentMistake);
      expect(() => readCdkArguments(args)).toThrow('-c stage=prod');
    },
  );

  it.each([
    ['npm run deploy -c stage=prod', { npm_config_call: 'stage=prod' }],
    ['npm run deploy --context=stage=prod', { npm_config_context: 'stage=prod' }],
    ['npm run deploy --stage=prod', { npm_config_stage: 'prod' }],
  ])('"%s" would deploy dev because npm consumes the stage, and is refused', (_, environment) => {
    expect(() => readCdkArguments([], environment)).toThrow(ArgumentMistake);
    expect(() => readCdkArguments([], environment)).toThrow('-- -c stage=prod');
  });

  it('empty variables of npm are not taken for arguments', () => {
    expect(readCdkArguments([], { npm_config_call: '', npm_config_stage: '' }).stage).toBe('dev');
  });
});
