import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { connectionBudget, roleShares } from '../../../lib/config/budget.ts';
import { resolveConfig } from '../../../lib/config/resolve.ts';
import type { ResolvedConfig } from '../../../lib/config/schema.ts';
import { openHome } from '../../../local/home/home.ts';
import { type RunningPipeline, startPipeline } from '../../../local/pipeline.ts';
import type { StorageFaults } from '../../../local/s3/faults.ts';
import { config as shipped } from '../../../sluice.config.ts';
import { seeded } from '../../imaging/photographs/random.ts';
import type { RunOptions } from '../result.ts';
import { installAudit } from './audit.ts';
import type { Scenario } from './scenario.ts';
import { workWaits } from './work-waits.ts';

export const loud = 't0';

/** The pipeline with its tenants, its audit and the switches of its storage. */
export interface Stage {
  pipeline: RunningPipeline;
  config: ResolvedConfig;
  /** API key of each tenant. */
  keys: Record<string, string>;
  /** Connection limit of each role, and their sum. */
  limits: Record<string, number>;
  budget: number;
  storage: { failing: boolean; meanWaitMs: number };
  postgresLog: string;
  home: string;
  close(): Promise<void>;
}

export async function openStage(scenario: Scenario, { say, signal }: RunOptions): Promise<Stage> {
  const home = mkdtempSync(join(tmpdir(), 'sluice-spike-'));
  const { maxConnections, cap, objective, decodeTimeoutMs, duplicates } = scenario;
  const resolved = resolveConfig({
    ...shipped,
    database: { maxConnections },
    process: { maxConcurrency: cap },
    admission: { maxBacklogAge: objective },
  });
  // Below what the rules demand, or no image could hang the decoder.
  const config = { ...resolved, limits: { ...resolved.limits, decodeTimeoutMs } };
  const random = seeded(14);
  const storage = { failing: false, meanWaitMs: 0 };
  const wait = workWaits(seeded(15), () => storage.meanWaitMs);
  const storageFaults: StorageFaults = {
    get failing() {
      return storage.failing;
    },
    waitMs: wait,
  };
  let pipeline: RunningPipeline;
  try {
    pipeline = await startPipeline({
      ...scenario.pipeline,
      config,
      home,
      port: 0,
      onProgress: (line) => say(`       ${line}`),
      signal,
      storageFaults,
      duplicateEvents: () => random() < duplicates,
    });
  } catch (error) {
    rmSync(home, { recursive: true, force: true });
    throw error;
  }
  const kill = () => pipeline.kill();
  process.once('exit', kill);
  const close = async () => {
    await pipeline.stop();
    process.off('exit', kill);
    rmSync(home, { recursive: true, force: true });
  };
  try {
    const { migrate } = connectionBudget(config);
    const limits = Object.fromEntries(
      Object.entries(roleShares(config)).map(([role, share]) => [
        role.replace('sluice_', ''),
        share.connections,
      ]),
    );
    return {
      pipeline,
      config,
      keys: await prepareDatabase(pipeline, scenario.tenants),
      limits,
      budget: Object.values(limits).reduce((sum, limit) => sum + limit, migrate),
      storage,
      postgresLog: join(openHome(home).postgres, 'postgres.log'),
      home,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Installs the audit and makes the tenants. @returns the API key of each */
async function prepareDatabase(pipeline: RunningPipeline, tenants: number): Promise<Record<string, string>> {
  const client = new pg.Client(pipeline.database);
  await client.connect();
  try {
    await installAudit(client);
    const keys: Record<string, string> = {};
    for (let number = 0; number < tenants; number++) {
      const tenant = `t${number}`;
      const key = `spike_${randomBytes(24).toString('base64url')}`;
      keys[tenant] = key;
      await client.query('insert into tenant (id) values ($1)', [tenant]);
      await client.query('insert into api_key (sha256, tenant_id) values ($1, $2)', [
        createHash('sha256').update(key).digest(),
        tenant,
      ]);
    }
    return keys;
  } finally {
    await client.end();
  }
}
