import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { openPresignedDelivery } from '../../lambda/aws/presigned-delivery.ts';
import { openUploadForms } from '../../lambda/aws/upload-forms.ts';
import { aligned, round } from '../table.ts';
import { bucketName, openSurroundings, type Surroundings } from './surroundings.ts';

/** Promises: milliseconds of CPU, and the part of a single ticket that one of a hundred takes. */
const promises = { getMs: 1.5, ofSingleTicket: 0.2 };
const hundred = 100;
const warmUps = 3;

/** What is measured, and how often a round repeats it. */
interface Measured {
  name: string;
  times: number;
  /** Things that one repetition makes. */
  makes?: number;
  work: () => Promise<unknown>;
}
interface Cost {
  ms: number;
  statements: number;
}

/**
 * CPU of the API's process for signatures, a GET and tickets, alternating, with Postgres in another process. `--quick` runs
 * fewer rounds and records nothing.
 * @returns whether the promises hold
 */
export async function run(args: string[], say: (line: string) => void): Promise<boolean> {
  const { values } = parseArgs({ args, options: { quick: { type: 'boolean' } } });
  const rounds = values.quick ? 5 : 30;
  const surroundings = await openSurroundings();
  try {
    const all = await measuresOf(surroundings);
    const costs = new Map<string, Cost[]>(all.map(({ name }) => [name, []]));
    for (let number = -warmUps; number < rounds; number++)
      for (const measured of all) {
        const cost = await costOf(measured, surroundings);
        if (number >= 0) costs.get(measured.name)?.push(cost);
      }
    const median = (name: string, of: (cost: Cost) => number) => middle((costs.get(name) ?? []).map(of));
    const ms = (name: string) => median(name, (cost) => cost.ms);
    const statements = (name: string) => median(name, (cost) => cost.statements);
    const ofSingle = ms('one of 100 tickets') / ms('a single ticket');
    const ofStatements = statements('one of 100 tickets') / statements('a single ticket');
    const get = ms('a GET of a ready image with six variants');
    const lines = [
      ...aligned([
        ['what', 'CPU ms', 'of its comparison', 'statements'],
        ...comparisons.map(([name, other]) => [
          name,
          ms(name).toFixed(4),
          other === undefined ? '' : `${(ms(name) / ms(other)).toFixed(2)} of ${other}`,
          String(round(statements(name), 2)),
        ]),
      ]),
      '',
      verdict(
        `One of ${hundred} tickets takes ${ofSingle.toFixed(3)} of the CPU of a single one`,
        promises.ofSingleTicket,
        ofSingle,
      ),
      verdict(`and ${ofStatements.toFixed(3)} of its statements`, promises.ofSingleTicket, ofStatements),
      verdict(`A GET of a ready image with six variants takes ${get.toFixed(2)} ms`, promises.getMs, get),
    ];
    say(lines.join('\n'));
    if (!values.quick) writeFileSync(join(import.meta.dirname, 'result.md'), page(rounds, lines));
    return (
      ofSingle <= promises.ofSingleTicket && ofStatements <= promises.ofSingleTicket && get <= promises.getMs
    );
  } finally {
    await surroundings.close();
  }
}

const comparisons: [name: string, other?: string][] = [
  ['a presigned GET by the SDK'],
  ['a presigned GET', 'a presigned GET by the SDK'],
  ['a presigned POST by the SDK'],
  ['a presigned POST', 'a presigned POST by the SDK'],
  ['a GET of a ready image with six variants', 'a presigned GET by the SDK'],
  ['a single ticket'],
  ['one of 100 tickets', 'a single ticket'],
];

async function measuresOf(surroundings: Surroundings): Promise<Measured[]> {
  const { client, call } = surroundings;
  const delivery = openPresignedDelivery({ bucketName, client });
  const forms = openUploadForms({ bucketName, client });
  const ready = await surroundings.readyImage();
  const ticket = { contentType: 'image/jpeg', bytes: 3_000_000, metadata: { name: 'IMG_0001.jpg' } };
  const tickets = Array(hundred).fill(ticket);
  let n = 0;
  const next = () => `derived/acme/0190c9f2-0000-7000-8000-${String(n++).padStart(12, '0')}/large.webp`;
  return [
    {
      name: 'a presigned GET by the SDK',
      times: 100,
      work: () =>
        getSignedUrl(client, new GetObjectCommand({ Bucket: bucketName, Key: next() }), { expiresIn: 4_500 }),
    },
    { name: 'a presigned GET', times: 1_000, work: () => delivery.variantUrl(next(), 3_600) },
    {
      name: 'a presigned POST by the SDK',
      times: 300,
      work: () =>
        createPresignedPost(client, {
          Bucket: bucketName,
          Key: next(),
          Fields: { 'Content-Type': 'image/jpeg' },
          Conditions: [['content-length-range', 1, 3_000_000]],
          Expires: 900,
        }),
    },
    {
      name: 'a presigned POST',
      times: 1_000,
      work: () =>
        forms.uploadForm({ key: next(), contentType: 'image/jpeg', maxBytes: 3_000_000, seconds: 900 }),
    },
    {
      name: 'a GET of a ready image with six variants',
      times: 200,
      work: () => call('GET', '/v1/images/{id}', { status: 200, id: ready }),
    },
    {
      name: 'a single ticket',
      times: 200,
      work: () => call('POST', '/v1/images', { status: 201, body: ticket }),
    },
    {
      name: 'one of 100 tickets',
      times: 5,
      makes: hundred,
      work: () => call('POST', '/v1/tickets', { status: 200, body: { tickets } }),
    },
  ];
}

async function costOf({ times, makes = 1, work }: Measured, { statements }: Surroundings): Promise<Cost> {
  const sent = statements();
  const before = process.cpuUsage();
  for (let done = 0; done < times; done++) await work();
  const { user, system } = process.cpuUsage(before);
  const count = times * makes;
  return { ms: (user + system) / 1000 / count, statements: (statements() - sent) / count };
}

function middle(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

function verdict(what: string, most: number, value: number): string {
  return `${what}; the promise is at most ${most}: ${value <= most ? 'holds' : 'DOES NOT HOLD'}.`;
}

function page(rounds: number, lines: string[]): string {
  return `# CPU of the API

User and system time of the API's process for each, with the Postgres in another process and a session token of 916 characters in each signature. Alternating, ${rounds} rounds, medians. A statement a second, the snapshot of the backlog, is included.

${lines.join('\n')}

Measured on ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}. To repeat: \`npm run bench -- api\`; faster, without recording: \`npm run bench -- api --quick\`.
`;
}
