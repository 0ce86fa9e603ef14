/** An image admitted by this environment. */
export interface RecentAdmission {
  /** By the database's clock, in milliseconds. */
  at: number;
  tenant: string;
  cost: number;
  /** One that other environments count by themselves: a turn that they have in line. */
  known: boolean;
}

interface Sums {
  known: number;
  fresh: number;
  /** The largest of the fresh ones. */
  single: number;
  images: number;
}
const nothing: Sums = { known: 0, fresh: 0, single: 0, images: 0 };

/** What this environment admitted and the last snapshot may not contain, with the sums by tenant. */
export class RecentAdmissions {
  #all: RecentAdmission[] = [];
  readonly #sums = new Map<string, Sums>();
  readonly #total: Sums = { ...nothing };

  add(one: RecentAdmission): void {
    this.#all.push(one);
    this.#count(one, one.cost);
  }

  remove(one: RecentAdmission): void {
    const at = this.#all.indexOf(one);
    if (at === -1) return;
    this.#all.splice(at, 1);
    this.#count(one, -one.cost);
  }

  /** Forgets those before this time. */
  since(time: number): void {
    const kept = this.#all.filter(({ at }) => at > time);
    this.#all = [];
    this.#sums.clear();
    Object.assign(this.#total, nothing);
    for (const one of kept) this.add(one);
  }

  /** Of one tenant, or of all. */
  sums(tenant?: string): Readonly<Sums> {
    return tenant === undefined ? this.#total : (this.#sums.get(tenant) ?? nothing);
  }

  #count({ tenant, known }: RecentAdmission, cost: number): void {
    const own = this.#sums.get(tenant) ?? { ...nothing };
    this.#sums.set(tenant, own);
    for (const sum of [own, this.#total]) {
      sum[known ? 'known' : 'fresh'] += cost;
      sum.images += Math.sign(cost);
      if (!known) sum.single = Math.max(sum.single, cost);
    }
  }
}
