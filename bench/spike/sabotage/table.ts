import type { LoadTestOptions } from '../../../local/pipeline-options.ts';
import type { Broken } from './promises.ts';
import type { TrialName } from './trials.ts';

/** A text of a source, which occurs once in its file, and what stands there instead. */
export interface Replacement {
  file: string;
  from: string;
  to: string;
}

/** A part of the design that is taken away, and the promise that then breaks. */
export interface Sabotage {
  name: string;
  /** What the pipeline then does. */
  does: string;
  breaks: Broken;
  trial: TrialName;
  /** Changes of a copy of the functions' sources. */
  replacements: readonly Replacement[];
  /** Or a setting of the local runner. */
  pipeline?: Pick<LoadTestOptions, 'fairDelivery' | 'mappingConcurrency'>;
}

const held = `import { databasePassword } from '../aws/database-auth.ts';
import { openOnDemand } from '../postgres/connection/on-demand.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { functionEnvironment } from './environment.ts';
import { notStarted, runJob as runWithout } from './job.ts';

async function runJob(image: ClaimedImage, context: BatchContext) {
  const environment = readEnvironment(functionEnvironment);
  const password = () => databasePassword(environment);
  const database = openOnDemand({ environment, password, applicationName: 'held', lingerMs: 3_600_000 });
  await database.run((connection) => connection.query('select 1')).catch(() => undefined);
  return runWithout(image, context).finally(() => database.close());
}`;

/**
 * The switches of `npm run spike -- --sabotage`. They exist only here: a run applies them to a copy of the sources, and a
 * test checks that each text still occurs once.
 */
export const sabotages: readonly Sabotage[] = [
  {
    name: 'no-cap',
    does: 'invokes as many workers as there is work',
    breaks: 'executions at each sample',
    trial: 'flood',
    replacements: [],
    pipeline: { mappingConcurrency: 24 },
  },
  {
    name: 'no-share',
    does: 'admits first come, first served: a tenant may fill the queue, and all tenants wait in one line',
    breaks: 'other tenants’ p95 beside the loud one',
    trial: 'flood',
    replacements: [
      {
        file: 'lambda/policy/admission/threshold.ts',
        from: '(factor * (capacity - total) - own) / (1 + factor)',
        to: 'capacity - total',
      },
      {
        file: 'lambda/policy/admission/threshold.ts',
        from: '(factor * (capacity - tickets.total) - tickets.own) / (1 + factor)',
        to: 'capacity - tickets.total',
      },
      {
        file: 'lambda/policy/admission/threshold.ts',
        from: 'return isBulk ? room : Math.max(room, (guaranteed * weight * capacity) / (tenants + 1) - own);',
        to: 'return room;',
      },
      {
        file: 'lambda/policy/admission/threshold.ts',
        from: 'return tenants + cost <= capacity;',
        to: 'return false;',
      },
      {
        file: 'lambda/policy/admission/admission.ts',
        // biome-ignore lint/suspicious/noTemplateCurlyInString: a text of the source
        from: "`${bulk ? 'b' : 'n'}${tenant}`",
        // biome-ignore lint/suspicious/noTemplateCurlyInString: the same
        to: "`${bulk ? 'b' : 'n'}everyone`",
      },
      {
        file: 'lambda/policy/admission/backlog-view.ts',
        from: 'this.drain * this.#shareOfWorkers',
        to: 'this.drain',
      },
    ],
  },
  {
    name: 'no-jitter',
    does: 'tells everyone who comes in an outage to return in the same five seconds',
    breaks: 'herd: returns a second after a recovery',
    trial: 'outage',
    replacements: [
      {
        file: 'lambda/api/admission/deferred.ts',
        from: 'Math.ceil(waits.length === 0 ? unknownReturn(Math.random) : Math.max(...waits))',
        to: '5',
      },
      {
        file: 'lambda/api/api.ts',
        from: "request.method === 'POST' ? unknownReturn(random) : readingReturn(random)",
        to: '5',
      },
    ],
  },
  {
    name: 'fixed-retry-after',
    does: 'tells everyone to return in five seconds',
    breaks: 'obedient clients let in at their first return',
    trial: 'flood',
    replacements: [
      {
        file: 'lambda/api/admission/refused.ts',
        from: '...retryAfter(retryAfterSeconds)',
        to: '...retryAfter(5)',
      },
    ],
  },
  {
    name: 'held-connection',
    does: 'opens a connection for each job and holds it for the whole job',
    breaks: 'connections refused with 53300',
    trial: 'flood',
    replacements: [
      {
        file: 'lambda/process/lanes.ts',
        from: "import { notStarted, runJob } from './job.ts';",
        to: held,
      },
    ],
  },
  {
    name: 'no-breaker',
    does: 'receives and returns messages while the database is unavailable',
    breaks: 'receives burned in an outage',
    trial: 'outage',
    replacements: [{ file: 'lambda/policy/breaker.ts', from: 'return failures > 0;', to: 'return false;' }],
  },
  {
    name: 'no-fence',
    does: 'claims images that another worker holds, and lets every worker record',
    breaks: 'lost / doubled effects / dead-lettered untried',
    trial: 'duplicates',
    replacements: [
      {
        file: 'lambda/postgres/images/claim.ts',
        from: "when status = 'processing' and not died then 'busy'",
        to: '',
      },
      {
        file: 'lambda/postgres/images/commit.ts',
        from: 'image.id = fence.id and image.attempt = fence.attempt',
        to: 'image.id = fence.id',
      },
      {
        file: 'lambda/postgres/images/commit.ts',
        from: "image.status = 'ready' as completing",
        to: "image.status = 'ready' and image.pending is not null as completing",
      },
      {
        file: 'lambda/postgres/images/commit.ts',
        from: "(image.status = 'processing' or image.status = 'ready' and image.pending is not null) and image.deleted_at is null and image.lease_expires_at > now() as held",
        to: 'image.deleted_at is null as held',
      },
    ],
  },
  {
    name: 'no-fair-delivery',
    does: 'delivers messages in the order of their arrival',
    breaks: 'other tenants’ p95 beside the loud one',
    trial: 'flood',
    replacements: [],
    pipeline: { fairDelivery: false },
  },
];
