import { createSimulatedHost } from '../../../src/simulator/hosts.ts';
import type { SimulatedHost } from '../../../src/simulator/hosts.ts';
import { plannedCard } from '../../../src/simulator/host-kinds.ts';
import { startOwnServer } from '../../../src/simulator/own-server.ts';
import { seededRandom } from '../../../src/simulator/random.ts';
import { setTimeout as pause } from 'node:timers/promises';
import { DRAM_TYPES, MEMORY_TYPES } from '../../../src/snapshot/memory-types.ts';
import { CardEvents } from './card-events.ts';
import type { Ledger } from './ledger.ts';
import { SensorBooks } from './sensor-books.ts';
import { Tenants } from './tenants.ts';
import type { Place } from './memory-books.ts';

export interface TurmoilPlan {
  readonly seed: number;
  /** From the beginning of one event to that of the next. */
  readonly eventMs: number;
  /** How long a card stays blocked, in a reset, unplugged, … */
  readonly stateMs: number;
}

const REGION_TYPES = [...DRAM_TYPES, 'l1', 'l1_small', 'cb'] as const;
const PLACES: readonly Place[] = [
  { chip: 0, tracker: 'region', regionVersion: 4, types: REGION_TYPES },
  { chip: 1, tracker: 'region', regionVersion: 4, types: REGION_TYPES },
  { chip: 2, tracker: 'region', regionVersion: 3, types: REGION_TYPES },
  // As in a container with one chip of five: what it calls 0 is not the first one.
  { chip: 3, tracker: 'server', seesNoOthers: true, regionVersion: 4, types: MEMORY_TYPES },
];
const TENANTS = [2, 1, 1, 2];
/** The card that comes and goes: the last one, so that no other's number changes. */
const SPARE = 4;
const CODES = ['EINVAL', 'E524', 'EACCES', 'ENODEV'] as const;
/** More than all processes hold together. */
const MOST_NAMELESS = 2 ** 44;
const CHANGE_MS = 200;
const STEP_MS = 1000;
const MOST_RECENT = 5;

/** A host on which something happens all the time, and the books of it. */
export class Turmoil {
  readonly host: SimulatedHost;
  /** How often each kind of event has happened. */
  readonly happened = new Map<string, number>();
  /** The newest events, each with when it began. */
  readonly recent: string[] = [];
  readonly #sensors: SensorBooks;
  readonly #plan: TurmoilPlan;
  readonly #ledger: Ledger;
  readonly #cards: CardEvents;
  readonly #tenants: readonly Tenants[];
  readonly #random: () => number;
  readonly #ended = new AbortController();
  readonly #loops: Promise<void>[] = [];
  #stopServer: () => Promise<void>;

  private constructor(host: SimulatedHost, ledger: Ledger, plan: TurmoilPlan, stopServer: () => Promise<void>) {
    this.host = host;
    this.#ledger = ledger;
    this.#plan = plan;
    this.#random = seededRandom(plan.seed);
    this.#stopServer = stopServer;
    this.#sensors = new SensorBooks(host, ledger);
    this.#cards = new CardEvents(host, this.#sensors, () => this.#wait(plan.stateMs));
    const graves = new Set<number>();
    this.#tenants = PLACES.map((place) => new Tenants(host, ledger, place, graves));
    ledger.settle('server_up', 1);
    // Chips that nobody uses, the remote one among them: trackers that know them say 0.
    for (const address of [host.card(SPARE).plan.pciAddress, '']) this.#beginUnused(address, 0);
  }

  /** The host with its server and its first processes; nothing happens before start(). */
  static async create(ledger: Ledger, plan: TurmoilPlan): Promise<Turmoil> {
    const cards = [
      plannedCard('n150', 0, '0000:01:00.0'),
      plannedCard('p150a', 1, '0000:21:00.0'),
      plannedCard('n300', 2, '0000:41:00.0'),
      plannedCard('p150a', 3, '0000:81:00.0'),
      plannedCard('p150a', SPARE, '0000:c1:00.0'),
    ];
    const host = await createSimulatedHost({ driverVersion: '2.10.0', cards }, { seed: plan.seed });
    let turmoil: Turmoil | undefined;
    try {
      turmoil = new Turmoil(host, ledger, plan, await startOwnServer(host));
      for (const tenants of turmoil.#tenants) await turmoil.#fill(tenants);
      return turmoil;
    } catch (error) {
      await (turmoil ?? host).close();
      throw error;
    }
  }

  /** Lets it happen, until stop(). `failed` is told of what the simulator itself cannot do. */
  start(failed: (error: unknown) => void): void {
    const loops = [this.#changes(), this.#time(), this.#events()];
    for (const loop of loops) this.#loops.push(loop.catch(failed));
  }

  /** Resolves when every card is as it should be and nothing goes on. */
  async stop(): Promise<void> {
    this.#ended.abort();
    await Promise.all(this.#loops);
  }

  async close(): Promise<void> {
    await this.stop();
    this.#sensors.close();
    await this.#stopServer();
    await this.host.close();
  }

  async #changes(): Promise<void> {
    while (await this.#wait(CHANGE_MS)) {
      const tenants = this.#tenants[Math.floor(this.#random() * this.#tenants.length)];
      await tenants?.change(this.#random);
    }
  }

  async #time(): Promise<void> {
    while (await this.#wait(STEP_MS)) this.#sensors.step(STEP_MS / 1000);
  }

  /** Every kind of event in turn, again and again: one at a time, with pauses of quiet. */
  async #events(): Promise<void> {
    const kinds = this.#kinds();
    for (let round = 0; ; round++) {
      for (const [name, event] of kinds) {
        if (!(await this.#wait(this.#plan.eventMs))) return;
        this.recent.push(`${name} ${new Date().toISOString()}`);
        if (this.recent.length > MOST_RECENT) this.recent.shift();
        await event(round);
        this.happened.set(name, (this.happened.get(name) ?? 0) + 1);
      }
    }
  }

  #kinds(): [name: string, event: (round: number) => Promise<void>][] {
    const cards = this.#cards;
    return [
      ['kill', (round) => this.#replace(round, (tenants) => tenants.kill())],
      ['block', (round) => cards.block([round % SPARE])],
      ['stop', (round) => this.#replace(round + 1, (tenants) => tenants.stop())],
      ['reset', (round) => cards.state(round + 1, 'beginReset')],
      ['kill', (round) => this.#replace(round + 2, (tenants) => tenants.kill())],
      ['sensor fails', (round) => cards.fail(round, 'temp1_input', CODES[round % CODES.length] ?? 'EINVAL')],
      ['unplug', () => cards.unplug(SPARE)],
      ['kill', (round) => this.#replace(round + 3, (tenants) => tenants.kill())],
      ['all ones', (round) => cards.state(round + 2, 'allOnes')],
      ['freeze', (round) => cards.state(round + 3, 'freeze')],
      ['server restart', () => this.#restartServer()],
      ['exchange', (round) => this.#exchange(round % SPARE, (round + 1 + (round % 3)) % SPARE)],
      ['driver reload', () => this.#whileNameless(() => cards.reloadDriver())],
      ['block', (round) => cards.block(round % 2 === 0 ? [0, 1, 2, 3, SPARE] : [1, 3])],
    ];
  }

  async #replace(round: number, end: (tenants: Tenants) => Promise<void>): Promise<void> {
    const tenants = this.#tenants[round % this.#tenants.length];
    if (tenants === undefined) return;
    await end(tenants);
    // Nobody writes meanwhile where it was the only one: what has become of it shows in /proc alone.
    await this.#wait(this.#plan.stateMs);
    await tenants.tidyUp();
    await this.#fill(tenants);
  }

  /** Whoever had the cards open has devices that are gone, and ends. */
  async #exchange(one: number, other: number): Promise<void> {
    await this.#whileNameless(() => this.#cards.exchange(one, other));
    for (const tenants of this.#tenants) {
      if (![one, other].includes(this.host.chip(tenants.place.chip).card)) continue;
      await tenants.stopAll();
      await this.#fill(tenants);
    }
  }

  /** Something after which it takes a moment until it is known again which chip is which. */
  async #whileNameless(event: () => Promise<void>): Promise<void> {
    this.#beginUnused('', MOST_NAMELESS);
    const task = async (): Promise<void> => {
      await event();
      await this.#wait(this.#plan.stateMs / 4);
    };
    const all = this.#tenants.reduceRight<() => Promise<void>>(
      (next, tenants) => () => tenants.whileNameless(next),
      task,
    );
    await all();
    for (const type of MEMORY_TYPES) this.#ledger.settle(`total||${type}`, undefined);
    this.#beginUnused('', 0);
  }

  #beginUnused(address: string, high: number): void {
    for (const type of MEMORY_TYPES)
      this.#ledger.begin(`total|${address}|${type}`, { low: 0, high, mayBeAbsent: true });
  }

  async #fill(tenants: Tenants): Promise<void> {
    while (tenants.living.length < (TENANTS[tenants.place.chip] ?? 1)) await tenants.start(this.#random);
  }

  async #restartServer(): Promise<void> {
    const reporting = this.#tenants.filter(({ place }) => place.tracker === 'server');
    this.#ledger.begin('server_up', { low: 0, high: 1, mayBeAbsent: true });
    for (const tenants of reporting) {
      await tenants.restartServer(async () => {
        await this.#stopServer();
        await this.#wait(this.#plan.stateMs / 4);
        this.#stopServer = await startOwnServer(this.host);
      });
      await this.#fill(tenants);
    }
    this.#ledger.settle('server_up', 1);
  }

  /** False where it is to end. */
  async #wait(ms: number): Promise<boolean> {
    await pause(ms, undefined, { signal: this.#ended.signal }).catch(() => undefined);
    return !this.#ended.signal.aborted;
  }
}
