import { cpSync } from 'node:fs';
import { join } from 'node:path';
import type { DesignRun, RunOptions } from '../result.ts';
import { type Clients, startClients } from './clients.ts';
import { poison, soundPictures } from './pictures.ts';
import { play } from './play.ts';
import { type Sampler, startSampler } from './sampler.ts';
import { type Scenario, scenarios } from './scenario.ts';
import { loud, openStage, type Stage } from './stage.ts';
import { type Recorded, summarise } from './summary.ts';

export interface SluiceOptions extends RunOptions {
  /** Changes of the scenario: sabotages and tests. */
  scenario?: Partial<Scenario>;
  /** Receives the logs of the functions, of the runner and of Postgres. */
  logFolder?: string;
  /** Receives everything that was seen, before it is summed up. */
  onRecorded?(recorded: Recorded): void;
}

/** Runs Sluice from quiet to 50,000 images a minute and through its faults, until the queue is empty again. */
export async function runSluice(options: SluiceOptions): Promise<DesignRun> {
  const scenario: Scenario = { ...scenarios[options.quick ? 'quick' : 'full'], ...options.scenario };
  const sound = await soundPictures();
  const poisonous = await poison();
  const stage = await openStage(scenario, options);
  let clients: Clients | undefined;
  let sampler: Sampler | undefined;
  try {
    const { pipeline, keys, home } = stage;
    let uploaded = (_id: string, _at: number): void => undefined;
    const producers = startClients(
      {
        url: pipeline.url,
        keys,
        sound,
        poison: poisonous,
        loud,
        seed: 14,
        recordFile: join(home, 'orders.jsonl'),
      },
      (id, at) => uploaded(id, at),
    );
    clients = producers;
    const startedAt = performance.now();
    sampler = startSampler({
      pipeline,
      postgresLog: stage.postgresLog,
      counts: () => producers.counts,
      cpu: () => ({ ...pipeline.cpu(), client: producers.cpuSeconds() }),
      startedAt,
    });
    uploaded = sampler.uploaded;
    const played = play({ options, scenario, stage, clients: producers, sampler, startedAt, sound });
    // When the run is cut off, what it was doing fails.
    played.catch(() => undefined);
    const recorded = await Promise.race([
      played,
      pipeline.failed.then(fail),
      sampler.failed,
      aborted(options.signal),
    ]);
    options.onRecorded?.(recorded);
    return summarise(recorded);
  } finally {
    clients?.stop();
    await sampler?.stop();
    if (options.logFolder !== undefined) keepLogs(stage, options.logFolder);
    await stage.close();
  }
}

function keepLogs({ pipeline, postgresLog }: Stage, folder: string): void {
  cpSync(pipeline.logs, folder, { recursive: true });
  cpSync(postgresLog, join(folder, 'postgres.log'));
}

function fail(why: string): never {
  throw new Error(why);
}

/** Rejects when the run is to end. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
