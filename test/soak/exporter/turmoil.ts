import type { SimulatedCard } from '../../../src/simulator/card.ts';
import { createSimulatedHost } from '../../../src/simulator/hosts.ts';
import type { SimulatedHost } from '../../../src/simulator/hosts.ts';
import { plannedCard } from '../../../src/simulator/host-kinds.ts';
import { startOwnServer } from '../../../src/simulator/own-server.ts';
import { seededRandom } from '../../../src/simulator/random.ts';
import { setTimeout as pause } from 'node:timers/promises';
import { DRAM_TYPES, MEMORY_TYPES } from '../../../src/snapshot/memory-types.ts';
import type { Ledger } from './ledger.ts';
import { SensorBooks } from './sensor-books.ts';
import { Tenants } from './tenants.ts';
import type { Place } from './tenants.ts';

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
  { chip: 3, tracker: 'server', regionVersion: 4, types: MEMORY_TYPES },
];
const TENANTS = [2, 1, 1, 2];
/** The card that comes and goes: the last one, so that no other's number changes. */
const SPARE = 4;
const CHANGE_MS = 200;
const STEP_MS = 1000;

/** A host on which something happens all the time, and the books of it. */
export class Turmoil {
  readonly host: SimulatedHost;
  readonly sensors: SensorBooks;
  /** How often each kind of event has happened. */
  readonly happened = new Map<string, number>();
  readonly #plan: TurmoilPlan;
  readonly #ledger: Ledger;
  readonly #tenants: readonly Tenants[];
  readonly #random: () => number;
  readonly #ended = new AbortController();
  readonly #loops: Promise<void>[] = [];
  #stopServer: () => Promise<void>;
  #driverIndex = 10;

  private constructor(host: SimulatedHost, ledger: Ledger, plan: TurmoilPlan, stopServer: () => Promise<void>) {
    this.host = host;
    this.#ledger = ledger;
    this.#plan = plan;
    this.#random = seededRandom(plan.seed);
    this.#stopServer = stopServer;
    this.sensors = new SensorBooks(host, ledger);
    const graves = new Set<number>();
    this.#tenants = PLACES.map((place) => new Tenants(host, ledger, place, graves));
    ledger.settle('server_up', 1);
    // Chips that nobody uses, the remote one among them: trackers that know them say 0.
    for (const address of [host.card(SPARE).plan.pciAddress, '']) {
      for (const type of MEMORY_TYPES) ledger.begin(`total|${address}|${type}`, { low: 0, high: 0, mayBeAbsent: true });
    }
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
    for (const loop of [this.#changes(), this.#time(), this.#events()]) this.#loops.push(loop.catch(failed));
  }

  /** Resolves when every card is as it should be and nothing goes on. */
  async stop(): Promise<void> {
    this.#ended.abort();
    await Promise.all(this.#loops);
  }

  async close(): Promise<void> {
    await this.stop();
    this.sensors.close();
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
    while (await this.#wait(STEP_MS)) this.sensors.step(STEP_MS / 1000);
  }

  /** Every kind of event in turn, again and again: one at a time, with pauses of quiet. */
  async #events(): Promise<void> {
    const events = this.#kinds();
    for (let round = 0; ; round++) {
      for (const [name, event] of events) {
        if (!(await this.#wait(this.#plan.eventMs))) return;
        await event(round);
        this.happened.set(name, (this.happened.get(name) ?? 0) + 1);
      }
    }
  }

  #kinds(): [name: string, event: (round: number) => Promise<void>][] {
    return [
      ['kill', (round) => this.#replace(round, (tenants) => tenants.kill())],
      ['block', (round) => this.#block([round % SPARE])],
      ['stop', (round) => this.#replace(round + 1, (tenants) => tenants.stop())],
      [
        'reset',
        (round) =>
          this.#state(round + 1, (card) => {
            card.beginReset();
          }),
      ],
      ['kill', (round) => this.#replace(round + 2, (tenants) => tenants.kill())],
      ['sensor fails', (round) => this.#failSensor(round)],
      ['unplug', () => this.#unplug()],
      ['kill', (round) => this.#replace(round + 3, (tenants) => tenants.kill())],
      [
        'all ones',
        (round) =>
          this.#state(round + 2, (card) => {
            card.allOnes();
          }),
      ],
      [
        'freeze',
        (round) =>
          this.#state(round + 3, (card) => {
            card.freeze();
          }),
      ],
      ['server restart', () => this.#restartServer()],
      ['block', (round) => this.#block(round % 2 === 0 ? [0, 1, 2, 3, SPARE] : [1, 3])],
    ];
  }

  async #replace(round: number, end: (tenants: Tenants) => Promise<void>): Promise<void> {
    const tenants = this.#tenants[round % this.#tenants.length];
    if (tenants === undefined) return;
    await end(tenants);
    await tenants.tidyUp();
    await this.#fill(tenants);
  }

  async #fill(tenants: Tenants): Promise<void> {
    while (tenants.living.length < (TENANTS[tenants.place.chip] ?? 1)) await tenants.start(this.#random);
  }

  async #block(indexes: readonly number[]): Promise<void> {
    const cards = indexes.map((index) => this.host.card(index));
    for (const card of cards)
      this.sensors.happens(
        card,
        () => {
          card.block();
        },
        true,
      );
    await this.#wait(this.#plan.stateMs);
    for (const card of cards)
      this.sensors.happens(
        card,
        () => {
          card.unblock();
        },
        false,
      );
  }

  async #state(round: number, enter: (card: SimulatedCard) => void): Promise<void> {
    const card = this.host.card(round % this.host.cards.length);
    this.sensors.happens(card, () => {
      enter(card);
    });
    await this.#wait(this.#plan.stateMs);
    this.sensors.happens(card, () => {
      card.recover();
    });
  }

  async #failSensor(round: number): Promise<void> {
    const card = this.host.card(round % this.host.cards.length);
    const code = ['EINVAL', 'E524', 'EACCES', 'ENODEV'][round % 4] ?? 'EINVAL';
    this.sensors.fails(
      card,
      'temp1_input',
      () => {
        card.failReads('temp1_input', code);
      },
      true,
    );
    await this.#wait(this.#plan.stateMs);
    this.sensors.fails(
      card,
      'temp1_input',
      () => {
        card.endFailure('temp1_input');
      },
      false,
    );
  }

  async #unplug(): Promise<void> {
    const card = this.host.card(SPARE);
    this.sensors.happens(card, () => {
      this.host.unplug(SPARE);
    });
    await this.#wait(this.#plan.stateMs);
    this.#driverIndex = this.#driverIndex >= 20 ? 10 : this.#driverIndex + 1;
    this.sensors.happens(card, () => {
      this.host.replug(SPARE, this.#driverIndex);
    });
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
