import type { BacklogSnapshot, DrainInterval, TenantBacklog } from '../../../lambda/domain/backlog.ts';
import { type AdmissionPolicy, openAdmission, type Refusal } from '../../../lambda/policy/admission.ts';

/** A linear congruential generator: the same numbers in each run. */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Clients of one tenant: each sends its next request after the last one was admitted. */
export interface Group {
  tenant: string;
  clients: number;
  /** Mean pause between two images of a client, in seconds. */
  pauseSeconds: number;
  keyed: boolean;
  bulk?: boolean;
  /** Seconds from which until which the clients are active. */
  from?: number;
  until?: number;
  /** Returns after this many seconds, whatever it was told. */
  impatient?: number;
  /** Images of each client; default: no limit. */
  images?: number;
  /** Takes tickets and never uploads. */
  hoards?: boolean;
}

export interface World {
  seconds: number;
  seed: number;
  environments: number;
  workers: number;
  /** Seconds of one image. */
  imageSeconds: (at: number) => number;
  /** What the policy assumes at its start. */
  priorPerSecond: number;
  maxBacklogSeconds: number;
  groups: Group[];
  /** Tenants without any traffic. */
  ticketSeconds?: number;
  /** Sees each policy after it has learnt. */
  watch?: (time: number, policy: AdmissionPolicy) => void;
}

interface Told {
  tenant: string;
  bulk: boolean;
  obedient: boolean;
  at: number;
  seconds: number;
  code: Refusal['code'];
  /** Until its place in a perfect line had come: as many were admitted as had asked before it. */
  needed: number | undefined;
  /** Whether its first return was let in, if it has returned. */
  letIn: boolean | undefined;
}

export interface Result {
  told: Told[];
  /** Returns by second. */
  returns: number[];
  /** Images uploaded and not done, and these with unused tickets, by second. */
  work: number[];
  workAndTickets: number[];
  /** Images done, by second. */
  done: number[];
  /** Seconds from upload to the end, by tenant. */
  waits: Map<string, { at: number; seconds: number }[]>;
  admissions: Map<string, number[]>;
  refusedFirst: Map<string, number>;
  turnBytes: number;
}

const nothing: TenantBacklog = { images: 0, work: 0, tickets: 0, ticketWork: 0 };

interface Image {
  tenant: string;
  uploadedAt: number;
}

/** Events in the order of their time. */
class Agenda {
  readonly #heap: { at: number; run: () => void; n: number }[] = [];
  #n = 0;
  push(at: number, run: () => void): void {
    const heap = this.#heap;
    heap.push({ at, run, n: this.#n++ });
    for (let i = heap.length - 1; i > 0; ) {
      const up = (i - 1) >> 1;
      if (before(get(heap, up), get(heap, i))) break;
      [heap[up], heap[i]] = [get(heap, i), get(heap, up)];
      i = up;
    }
  }
  pop(): { at: number; run: () => void } | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    heap[0] = last;
    for (let i = 0; ; ) {
      let next = i;
      for (const child of [2 * i + 1, 2 * i + 2])
        if (child < heap.length && !before(get(heap, next), get(heap, child))) next = child;
      if (next === i) return first;
      [heap[next], heap[i]] = [get(heap, i), get(heap, next)];
      i = next;
    }
  }
}
function get<Item>(list: readonly Item[], at: number): Item {
  return list[at] as Item;
}
function before(a: { at: number; n: number }, b: { at: number; n: number }): boolean {
  return a.at < b.at || (a.at === b.at && a.n < b.n);
}

/**
 * Runs environments of the API, with their policies, against a model of the database and of a queue that delivers
 * fairly. Time is virtual: a second takes about a millisecond.
 */
export function simulate(world: World): Result {
  const random = randomOf(world.seed);
  const agenda = new Agenda();
  let time = 0;
  const later = (seconds: number, run: () => void) => agenda.push(time + seconds, run);
  const exponential = (mean: number) => -mean * Math.log(1 - random());

  // The database: sums that one environment rolls up about once a second.
  const live = new Map<string, TenantBacklog>();
  const backlog = (tenant: string) => {
    const own = live.get(tenant) ?? { ...nothing };
    live.set(tenant, own);
    return own;
  };
  let ended = 0;
  let waitedThroughout = false;
  let rolled: { at: number; tenants: Map<string, TenantBacklog>; total: TenantBacklog } | undefined;
  const intervals: DrainInterval[] = [];
  const posts: { at: number; environment: number; bytes: Buffer }[] = [];
  let turnBytes = 0;
  const queueLength = () => [...queues.values()].reduce((sum, queue) => sum + queue.length, 0);

  function rollUp(): void {
    if (rolled !== undefined && time - rolled.at < 0.9) return;
    const seconds = time - (rolled?.at ?? time);
    if (waitedThroughout && seconds > 0) {
      intervals.push({ at: time * 1000, seconds, work: ended, images: ended });
      if (intervals.length > 120) intervals.shift();
    }
    ended = 0;
    waitedThroughout = queueLength() > 0;
    const tenants = new Map(
      [...live]
        .filter(([, { images, tickets }]) => images + tickets > 0)
        .map(([name, own]) => [name, { ...own }]),
    );
    const total = { ...nothing };
    for (const { images, work, tickets, ticketWork } of tenants.values()) {
      total.images += images;
      total.work += work;
      total.tickets += tickets;
      total.ticketWork += ticketWork;
    }
    rolled = { at: time, tenants, total };
  }

  // The environments.
  const environments = Array.from({ length: world.environments }, () => {
    const policy: AdmissionPolicy = openAdmission(
      {
        maxBacklogSeconds: world.maxBacklogSeconds,
        priorPerSecond: world.priorPerSecond,
        slots: world.workers,
      },
      () => time * 1000,
    );
    return { policy, heard: 0 };
  });
  function policyOf(environment: number): AdmissionPolicy {
    const one = get(environments, environment);
    if (!one.policy.stale()) return one.policy;
    const bytes = one.policy.news();
    rollUp();
    const turns = posts
      .slice(one.heard)
      .filter((post) => post.environment !== environment && time - post.at < 5)
      .map((post) => ({ environment: String(post.environment), bytes: post.bytes }));
    one.heard = posts.length;
    if (bytes !== undefined) {
      posts.push({ at: time, environment, bytes });
      turnBytes += bytes.length;
      one.heard = posts.length;
    }
    const snapshot: BacklogSnapshot = {
      at: time * 1000,
      total: rolled?.total ?? { ...nothing },
      tenants: rolled?.tenants ?? new Map(),
      ended: [...intervals],
      oldestSeconds: oldest(),
      environments: world.environments,
      turns,
      seen: '',
    };
    one.policy.learn(snapshot);
    world.watch?.(time, one.policy);
    return one.policy;
  }

  // The queue delivers to the tenant with the fewest images in progress.
  const queues = new Map<string, Image[]>();
  const inProgress = new Map<string, number>();
  let busy = 0;
  const taken: { at: number; waited: number }[] = [];
  const waits: Result['waits'] = new Map();
  const second = (list: number[]) => {
    list[Math.floor(time)] = (list[Math.floor(time)] ?? 0) + 1;
  };
  const list = () => Array<number>(Math.ceil(world.seconds) + 1).fill(0);
  const [returns, done, work, workAndTickets] = [list(), list(), list(), list()];

  function deliver(): void {
    while (busy < world.workers) {
      let next: string | undefined;
      for (const [tenant, queue] of queues)
        if (
          queue.length > 0 &&
          (next === undefined || (inProgress.get(tenant) ?? 0) < (inProgress.get(next) ?? 0))
        )
          next = tenant;
      const image = next === undefined ? undefined : queues.get(next)?.shift();
      if (image === undefined) {
        waitedThroughout = false;
        return;
      }
      busy += 1;
      // Only now the database knows that the ticket was used.
      ticket(image.tenant, -1);
      const own = backlog(image.tenant);
      own.images += 1;
      own.work += 1;
      const last = taken.at(-1);
      const waited = time - image.uploadedAt;
      if (last !== undefined && time - last.at < 0.5) last.waited = Math.max(last.waited, waited);
      else taken.push({ at: time, waited });
      inProgress.set(image.tenant, (inProgress.get(image.tenant) ?? 0) + 1);
      later(world.imageSeconds(time) * (0.8 + 0.4 * random()), () => {
        busy -= 1;
        inProgress.set(image.tenant, (inProgress.get(image.tenant) ?? 0) - 1);
        own.images -= 1;
        own.work -= 1;
        ended += 1;
        second(done);
        const of = waits.get(image.tenant) ?? [];
        of.push({ at: image.uploadedAt, seconds: time - image.uploadedAt });
        waits.set(image.tenant, of);
        deliver();
      });
    }
  }
  /** The longest wait of images that were taken lately, as the database knows no others before. */
  function oldest(): number {
    while (taken[0] !== undefined && time - taken[0].at > 30) taken.shift();
    return Math.max(0, ...taken.map(({ waited }) => waited));
  }
  function ticket(tenant: string, count: number): void {
    const own = backlog(tenant);
    own.tickets += count;
    own.ticketWork += count;
  }
  function upload(tenant: string): void {
    const queue = queues.get(tenant) ?? [];
    queues.set(tenant, queue);
    queue.push({ tenant, uploadedAt: time });
    deliver();
  }

  // The clients.
  const told: Told[] = [];
  const refusedFirst = new Map<string, number>();
  const arrivals = new Map<string, number[]>();
  const admissions: Result['admissions'] = new Map();
  const pending = new Map<Told, number>();
  let digests = 0;
  function client(group: Group, images: number): void {
    if (time > (group.until ?? world.seconds) || images === 0) return;
    const { tenant } = group;
    const asked = `${tenant}${group.bulk === true}`;
    const order = arrivals.get(asked) ?? [];
    arrivals.set(asked, order);
    const place = order.push(time) - 1;
    // Without a key, requests for files of the same size look the same.
    const digest = group.keyed
      ? String(++digests).padStart(8)
      : `size${String(Math.floor(random() * 5000)).padStart(4)}`;
    let first: Told | undefined;
    const attempt = () => {
      const policy = policyOf(Math.floor(random() * world.environments));
      const decision = policy.decide({
        tenant,
        work: 1,
        digest: () => digest,
        keyed: group.keyed,
        bulk: group.bulk === true,
        weight: 1,
      });
      if (decision.admitted) {
        if (first?.letIn === undefined && first !== undefined) first.letIn = true;
        const times = admissions.get(asked) ?? [];
        admissions.set(asked, times);
        times.push(time);
        ticket(tenant, 1);
        if (group.hoards === true) later(world.ticketSeconds ?? 900, () => ticket(tenant, -1));
        else later(0.2 + random(), () => upload(tenant));
        later(exponential(group.pauseSeconds), () => client(group, images - 1));
        return;
      }
      if (first === undefined) {
        first = {
          tenant,
          bulk: group.bulk === true,
          obedient: group.impatient === undefined,
          at: time,
          seconds: decision.retryAfterSeconds,
          code: decision.code,
          needed: undefined,
          letIn: undefined,
        };
        told.push(first);
        pending.set(first, place);
        refusedFirst.set(tenant, (refusedFirst.get(tenant) ?? 0) + 1);
      } else first.letIn ??= false;
      later(group.impatient ?? decision.retryAfterSeconds + 0.3 * random(), () => {
        if (group.impatient === undefined) second(returns);
        attempt();
      });
    };
    attempt();
  }
  for (const group of world.groups)
    for (let n = 0; n < group.clients; n++)
      agenda.push((group.from ?? 0) + exponential(Math.min(10, group.pauseSeconds)), () =>
        client(group, group.images ?? Number.POSITIVE_INFINITY),
      );
  const look = () => {
    const all = [...live.values()];
    work[Math.floor(time)] = queueLength() + busy;
    workAndTickets[Math.floor(time)] = all.reduce((sum, one) => sum + one.work + one.tickets, 0);
    later(1, look);
  };
  agenda.push(0.5, look);

  for (let event = agenda.pop(); event !== undefined && event.at < world.seconds; event = agenda.pop()) {
    time = event.at;
    event.run();
  }
  for (const [one, place] of pending) {
    const admittedAt = admissions.get(`${one.tenant}${one.bulk}`)?.[place];
    one.needed = admittedAt === undefined ? undefined : admittedAt - one.at;
  }
  return { told, returns, work, workAndTickets, done, waits, admissions, refusedFirst, turnBytes };
}

export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
export function quantile(numbers: readonly number[], part: number): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}
