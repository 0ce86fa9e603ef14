import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { seeded } from '../../imaging/photographs/random.ts';
import { Arrivals } from './arrivals.ts';
import { formOf, openHttp, type Reply } from './http.ts';
import type { Attempt, Load, Order, ProducerReport, ProducerSetup } from './orders.ts';
import type { Picture } from './pictures.ts';

/** One image in a hundred is poison. */
const poisonEvery = 100;
/** Parts of the images that are sent as the body of the request; the others get a ticket and a presigned POST. */
const direct = { loud: 0.05, others: 0.5 };
const tickMs = 10;
const impatientMs = 1_000;

/** What was refused returns as late as it was told, and up to so many milliseconds later. */
const afterToldMs = 300;

/** All producers: arrivals, returns, uploads, and the record of each. */
export class Producers {
  readonly orders: Order[] = [];
  readonly #setup: ProducerSetup;
  readonly #random: () => number;
  readonly #http = openHttp();
  readonly #arrivals: Arrivals;
  readonly #files = new Map<string, Buffer>();
  readonly #ordersOf = new Map<string, number>();
  readonly #returning = new Set<NodeJS.Timeout>();
  readonly #stopped = new AbortController();
  readonly #tick: NodeJS.Timeout;
  readonly #counts = { asked: 0, offered: 0, admitted: 0, refused: 0, skipped: 0, open: 0 };
  #uploads: ProducerReport['uploads'] = [];
  #uploading = 0;
  #load: Load = { perSecond: {}, disobedient: 0, mostOpen: 1 };
  #disobedient = 0;

  constructor(setup: ProducerSetup) {
    this.#setup = setup;
    this.#random = seeded(setup.seed);
    this.#arrivals = new Arrivals(this.#random);
    for (const { path } of [...setup.sound, ...setup.poison]) this.#files.set(path, readFileSync(path));
    this.#tick = setInterval(() => this.#arrive(), tickMs);
  }

  load(load: Load): void {
    this.#load = load;
    this.#arrivals.set(load.perSecond, performance.now());
    while (this.#disobedient < load.disobedient) void this.#disobey(this.#disobedient++);
  }

  report(): ProducerReport {
    const uploads = this.#uploads;
    this.#uploads = [];
    return { ...this.#counts, uploads };
  }

  /** No more arrivals or returns; resolves when open requests and uploads have ended. */
  async finish(): Promise<void> {
    this.#stopped.abort();
    clearInterval(this.#tick);
    for (const timer of this.#returning) clearTimeout(timer);
    while (this.#counts.open + this.#uploading > 0) await pause(20);
    this.#http.close();
  }

  #arrive(): void {
    for (const tenant of this.#arrivals.due(performance.now())) {
      const isLoud = tenant === this.#setup.loud;
      if (isLoud && this.#counts.open >= this.#load.mostOpen) this.#counts.skipped += 1;
      else void this.#place(tenant, isLoud ? direct.loud : direct.others);
    }
  }

  /** An obedient producer with one image: it returns when it was told to. */
  async #place(tenant: string, directPart: number): Promise<void> {
    const { order, send } = this.#order(tenant, directPart, true);
    const attempt = async (): Promise<void> => {
      const wait = await send();
      if (wait === undefined || this.#stopped.signal.aborted) return;
      const timer = setTimeout(() => {
        this.#returning.delete(timer);
        void attempt();
      }, wait);
      this.#returning.add(timer);
    };
    this.orders.push(order);
    this.#counts.asked += 1;
    await attempt();
  }

  /** A producer that sends one image after the other and returns after a second, whatever it is told. */
  async #disobey(client: number): Promise<void> {
    const { signal } = this.#stopped;
    while (client < this.#load.disobedient && !signal.aborted) {
      const { order, send } = this.#order(this.#setup.loud, 0, false);
      this.orders.push(order);
      while (!signal.aborted && (await send()) !== undefined)
        await pause(impatientMs, undefined, { signal }).catch(() => undefined);
      await pause(impatientMs, undefined, { signal }).catch(() => undefined);
    }
    this.#disobedient -= 1;
  }

  /** A new image of the tenant. `send` resolves with milliseconds until its return, or undefined when it is settled. */
  #order(tenant: string, directPart: number, obedient: boolean) {
    const number = (this.#ordersOf.get(tenant) ?? 0) + 1;
    this.#ordersOf.set(tenant, number);
    const { sound, poison } = this.#setup;
    const poisonous = number % poisonEvery === poisonEvery / 2;
    const picture = (
      poisonous
        ? poison[Math.floor(number / poisonEvery) % poison.length]
        : sound[Math.floor(this.#random() * sound.length)]
    ) as Picture;
    const way = !poisonous && this.#random() < directPart ? 'direct' : 'ticket';
    const order: Order = {
      tenant,
      way,
      picture: picture.kind,
      obedient,
      firstAt: Date.now(),
      attempts: [],
    };
    const key = randomUUID();
    return { order, send: () => this.#send(order, picture, key) };
  }

  async #send(order: Order, picture: Picture, key: string): Promise<number | undefined> {
    const { url, keys } = this.#setup;
    const file = this.#files.get(picture.path) ?? Buffer.alloc(0);
    const isDirect = order.way === 'direct';
    const at = Date.now();
    this.#counts.offered += 1;
    this.#counts.open += 1;
    const reply = await this.#http.post(
      `${url}/v1/images`,
      {
        authorization: `Bearer ${keys[order.tenant]}`,
        'idempotency-key': key,
        'content-type': isDirect ? picture.contentType : 'application/json',
      },
      isDirect ? file : JSON.stringify({ contentType: picture.contentType, bytes: picture.bytes }),
    );
    this.#counts.open -= 1;
    order.attempts.push(attemptOf(reply, at));
    return this.#settle(order, reply, picture, file);
  }

  /** @returns milliseconds until the request is repeated, if it is */
  #settle(order: Order, reply: Reply, picture: Picture, file: Buffer): number | undefined {
    const { status, retryAfter, text } = reply;
    const soon = 300 + 400 * this.#random();
    if (status === 0) return soon;
    if (status === 201 || status === 202) {
      const { id, upload } = JSON.parse(text) as { id: string; upload?: Form };
      order.id = id;
      order.admittedAt = Date.now();
      this.#counts.admitted += 1;
      if (upload === undefined) this.#uploaded(order);
      else void this.#upload(order, upload, picture, file);
      return undefined;
    }
    if (status === 429 || status === 503) {
      this.#counts.refused += 1;
      return retryAfter === undefined ? impatientMs : retryAfter * 1000 + afterToldMs * this.#random();
    }
    if (status === 409) return (retryAfter ?? 1) * 1000;
    order.endedBy = codeOf(text) ?? String(status);
    return undefined;
  }

  async #upload(order: Order, { url, fields }: Form, { contentType }: Picture, file: Buffer): Promise<void> {
    this.#uploading += 1;
    const { headers, body } = formOf(
      { ...fields, 'Content-Type': fields['Content-Type'] ?? contentType },
      file,
    );
    for (let waitMs = 500; ; waitMs = Math.min(4_000, waitMs * 2)) {
      const { status, text } = await this.#http.post(url, headers, body);
      if (status === 204) {
        this.#uploaded(order);
        break;
      }
      if (status !== 0 && status < 500) {
        order.endedBy = `upload ${status} ${text.slice(0, 200)}`;
        break;
      }
      await pause(waitMs * (0.5 + 0.5 * this.#random()));
    }
    this.#uploading -= 1;
  }

  #uploaded(order: Order): void {
    order.uploadedAt = Date.now();
    this.#uploads.push([order.id ?? '', order.uploadedAt]);
  }
}

interface Form {
  url: string;
  fields: Record<string, string>;
}

function attemptOf({ status, retryAfter, text }: Reply, at: number): Attempt {
  const code = status >= 400 ? codeOf(text) : undefined;
  return {
    at,
    ms: Date.now() - at,
    status,
    ...(code === undefined ? {} : { code }),
    ...(retryAfter === undefined || status < 400 ? {} : { retryAfter }),
  };
}

function codeOf(text: string): string | undefined {
  return /"code":\s*"([^"]+)"/.exec(text)?.[1];
}
