import { passTime } from './loop.ts';
import { emptyCluster, seedRegion } from './seed.ts';
import { wakeKubelets } from './kubelet.ts';
import type { Cluster } from './state.ts';

/** Something that was done to a region: a fault, its repair, a write. Replayed when a fault is put before it. */
export interface Fact {
  readonly at: number;
  readonly kind: 'fault' | 'heal' | 'write';
  /** Fault ids for faults and repairs, what was written otherwise. */
  readonly what: string;
  readonly run: (cluster: Cluster, at: number) => void;
}

/** Healthy regions as of their base: what each replay starts from. */
const seeded = new Map<string, Cluster>();
const keptSeeds = 4;

/** One region: its state is a function of the seed, the facts and the time, so a fault can be put into the past. */
export class Region {
  readonly name: string;
  readonly #seed: string;
  #baseAt: number;
  #facts: Fact[] = [];
  #cluster: Cluster;

  constructor(seed: string, name: string, now: number) {
    this.#seed = seed;
    this.name = name;
    this.#baseAt = startOf(now);
    this.#cluster = this.#fresh();
  }

  #fresh(): Cluster {
    const key = `${this.#seed} ${this.name} ${this.#baseAt}`;
    let healthy = seeded.get(key);
    if (healthy === undefined) {
      // Seeding starts 40 days earlier than the base: nothing happens between its rollouts.
      const cluster = emptyCluster(this.#seed, this.name, this.#baseAt - 41 * 86_400_000);
      seedRegion(cluster, this.#baseAt, (to) => passTime(cluster, to));
      healthy = cluster;
      seeded.set(key, healthy);
      for (const old of [...seeded.keys()].slice(0, -keptSeeds)) seeded.delete(old);
    }
    return structuredClone(healthy);
  }

  get facts(): readonly Fact[] {
    return this.#facts;
  }

  /** The cluster as of `now`. */
  at(now: number): Cluster {
    passTime(this.#cluster, now);
    return this.#cluster;
  }

  /** Does it now, and remembers it when it did not throw. `replay` is what to do when history is made again; left out: the same. */
  do(fact: Fact, replay: Fact['run'] = fact.run): void {
    const cluster = this.at(fact.at);
    fact.run(cluster, fact.at);
    settle(cluster, fact.at);
    this.#facts.push({ ...fact, run: replay });
  }

  /** Puts a fact into the past. Writes and repairs that came after it belong to another story: then the region starts afresh with this one alone. */
  insert(fact: Fact, now: number): void {
    if (fact.at >= this.#cluster.now) {
      this.do(fact);
      return;
    }
    const later = this.#facts.filter((one) => one.at >= fact.at);
    const kept = later.some((one) => one.kind !== 'fault') ? [] : this.#facts;
    this.#facts = [...kept, fact].sort((a, b) => a.at - b.at);
    if (fact.at < this.#baseAt + 600_000) this.#baseAt = startOf(fact.at);
    this.#replay(now);
  }

  #replay(now: number): void {
    this.#cluster = this.#fresh();
    for (const fact of this.#facts) {
      const cluster = this.at(fact.at);
      fact.run(cluster, fact.at);
      settle(cluster, fact.at);
    }
    this.at(now);
  }
}

/** Stories may start up to three hours ago. */
const startOf = (now: number): number => Math.floor(now / 1000) * 1000 - 3 * 3_600_000;

function settle(cluster: Cluster, at: number): void {
  cluster.dirty = true;
  wakeKubelets(cluster, at);
}
