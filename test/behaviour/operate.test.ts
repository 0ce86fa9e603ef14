import { expect } from 'vitest';
import { smallPhoto } from '../support/pictures.ts';
import { behaviour } from './support/behaviour.ts';
import type { Target } from './support/target.ts';

/* What an operator does without access to the database. */

const stage = ['--stage', 'localstack'];

behaviour(
  'an operator creates, rotates and revokes keys by a command, and the API accepts only valid ones',
  {
    on: ['localstack', 'aws'],
    proves: 'npm run operate finds the function by its stack and invokes the live version',
  },
  async (target) => {
    const operate = (...words: string[]) => cloudOf(target).command('operate.ts', ...words, ...stage);
    const status = async (key: string) => {
      const response = await fetch(`${target.url}/v1/images`, {
        headers: { Authorization: `Bearer ${key}` },
      });
      await response.body?.cancel();
      return response.status;
    };
    const made = await operate('tenants', 'create', 'operated', '--json');
    const { apiKey } = JSON.parse(made.output) as { apiKey: string };
    expect(await status(apiKey)).toBe(200);

    const rotated = await operate('keys', 'rotate', 'operated', '--overlap', '1h', '--json');
    const next = JSON.parse(rotated.output) as { apiKey: string; keyId: string };
    expect([await status(apiKey), await status(next.apiKey)]).toEqual([200, 200]);
    const { output } = await operate('keys', 'list', 'operated');
    expect(output).toMatch(new RegExp(`^${next.keyId}  valid`, 'm'));
    expect(output).toMatch(/^[0-9a-f]{12} {2}ending/m);

    // A key that no environment of the API has cached is refused at once.
    const last = JSON.parse((await operate('keys', 'create', 'operated', '--json')).output) as typeof next;
    expect((await operate('keys', 'revoke', 'operated', last.keyId)).output).toContain(
      'operated has 2 valid keys.',
    );
    expect(await status(last.apiKey)).toBe(401);
    expect(await operate('keys', 'revoke', 'operated', '000000000000')).toEqual({
      status: 1,
      output: expect.stringContaining('key_unknown'),
    });
  },
);

behaviour(
  'an operator queries the state of an image by a command',
  {
    on: ['localstack', 'aws'],
    proves: 'the data of an image, and a sentence on what happens next',
  },
  async (target) => {
    const image = await target.client.upload(await smallPhoto(61, 640, 480));
    await target.client.finished(image);
    const { status, output } = await cloudOf(target).command('operate.ts', 'image', image, ...stage);
    expect(status).toBe(0);
    expect(output).toMatch(/^status +ready$/m);
    expect(output).toContain('It is done.');
  },
);

behaviour(
  'the account is checked before a deployment, and a check that cannot be made does not block it',
  {
    on: ['localstack', 'aws'],
    proves: 'npm run preflight succeeds on an account where the stage is deployed',
  },
  async (target) => {
    const { status, output } = await cloudOf(target).command('preflight.ts', '-c', 'stage=localstack');
    expect(output).toMatch(/^ok +bootstrap: bootstrapped, version \d+$/m);
    expect(output).toMatch(/^ok +concurrency: this stage reserves \d+ executions .*by this stage/m);
    if (target.kind === 'localstack') expect(output).toMatch(/^not known +VPCs: not supported there/m);
    expect(status).toBe(0);
  },
);

function cloudOf({ cloud }: Target) {
  if (cloud === undefined) throw new Error('this is no deployment');
  return cloud;
}
