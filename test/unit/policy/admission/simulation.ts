import type { BacklogSnapshot, DrainInterval, TenantBacklog } from '../../../../lambda/domain/backlog.ts';
import { type AdmissionPolicy, openAdmission } from '../../../../lambda/policy/admission/admission.ts';
import { Agenda, get, randomOf } from './agenda.ts';
import type { Group, Result, Told, World } from './world.ts';

const nothing: TenantBacklog = { images: 0, work: 0, tickets: 0, ticketWork: 0 };

interface Image {
  tenant: string;
  uploadedAt: number;
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
