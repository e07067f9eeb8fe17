import type { SimulatedCard } from '../../../src/simulator/card.ts';
import type { SimulatedHost } from '../../../src/simulator/hosts.ts';
import type { Ledger } from './ledger.ts';

/** What a page makes of the driver's attributes: in base units. */
const SENSORS = [
  ['temperature', 'temp1_input', 1e-3],
  ['voltage', 'in0_input', 1e-3],
  ['current', 'curr1_input', 1e-3],
  ['power', 'power1_input', 1e-6],
  ['fan', 'fan1_input', 1],
  ['heartbeat', 'tt_heartbeat', 1],
  ['clock', 'tt_aiclk', 1e6, 'ai'],
  ['clock', 'tt_axiclk', 1e6, 'axi'],
  ['clock', 'tt_arcclk', 1e6, 'arc'],
] as const;

const STATES = ['ok', 'resetting', 'firmware_down', 'unreachable', 'no_driver'] as const;
type State = (typeof STATES)[number];

/** How long after a card has come or gone, or a read blocks or does no more, both are right. */
const GRACE_MS = 2500;

/** Keeps the books of the cards: every change of theirs goes through here. */
export class SensorBooks {
  readonly #host: SimulatedHost;
  readonly #ledger: Ledger;
  readonly #blocked = new Set<number>();
  #loaded = true;
  /** The attribute whose reads fail, by card. */
  readonly #failing = new Map<number, string>();
  readonly #timers = new Set<NodeJS.Timeout>();
  /** Keys that are in their time of grace, with when it ends. */
  readonly #unsettled = new Map<string, number>();

  constructor(host: SimulatedHost, ledger: Ledger) {
    this.#host = host;
    this.#ledger = ledger;
    this.#write(performance.now());
  }

  /** Time passes for all cards. */
  step(seconds: number): void {
    if (!this.#loaded) return;
    const since = performance.now();
    this.#host.step(seconds);
    this.#write(since);
  }

  /** Reads of one attribute fail from now on, or do no more. */
  fails(card: SimulatedCard, attribute: string, failing: boolean, change: () => void): void {
    if (failing) this.#failing.set(card.index, attribute);
    else this.#failing.delete(card.index);
    this.happens(card, change);
  }

  /** Reads of the card block from now on, or do no more. */
  blocks(card: SimulatedCard, blocked: boolean, change: () => void): void {
    if (blocked) this.#blocked.add(card.index);
    else this.#blocked.delete(card.index);
    this.happens(card, change);
  }

  /** The driver is there from now on, or is not. */
  hasDriver(loaded: boolean, change: () => void): void {
    this.#loaded = loaded;
    const [first, ...rest] = this.#host.cards;
    if (first === undefined) return;
    for (const card of rest) this.happens(card, () => undefined);
    this.happens(first, change);
  }

  /** Something happens to a card: until the grace is over its numbers may be there or not. */
  happens(card: SimulatedCard, change: () => void): void {
    const until = performance.now() + GRACE_MS;
    for (const key of [...keysOf(card), 'skipped', ...STATES.map((state) => `devices|${state}`)]) {
      this.#ledger.begin(key, { low: 0, high: Number.MAX_SAFE_INTEGER, mayBeAbsent: true });
      this.#unsettled.set(key, until);
    }
    change();
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#write(performance.now());
    }, GRACE_MS + 10);
    this.#timers.add(timer);
  }

  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
  }

  /** What every number is now; before, it was what it was until now, and since then it can be this. */
  #write(since: number): void {
    for (const card of this.#host.cards) {
      for (const [key, value] of this.#readings(card)) this.#set(key, value, since);
    }
    const states = this.#host.cards.map((card) => this.#stateOf(card));
    for (const state of STATES) this.#set(`devices|${state}`, states.filter((of) => of === state).length, since);
    this.#set('skipped', this.#blocked.size, since);
  }

  #set(key: string, value: number | undefined, since: number): void {
    if ((this.#unsettled.get(key) ?? 0) > performance.now()) return;
    this.#ledger.settle(key, value, this.#unsettled.delete(key) ? undefined : since);
  }

  #readings(card: SimulatedCard): [string, number | undefined][] {
    const readable = this.#loaded && ['ok', 'frozen'].includes(card.state) && !this.#blocked.has(card.index);
    return SENSORS.map((sensor) => {
      const fails = !readable || this.#failing.get(card.index) === sensor[1];
      const text = fails ? undefined : card.value(sensor[1]);
      return [keyOf(card, sensor), text === undefined ? undefined : Number(text) * sensor[2]];
    });
  }

  /** undefined: the card is not counted. */
  #stateOf(card: SimulatedCard): State | undefined {
    if (this.#blocked.has(card.index) || card.state === 'unplugged') return undefined;
    if (!this.#loaded) return 'no_driver';
    if (card.state === 'all-ones') return 'unreachable';
    return card.state === 'resetting' ? 'resetting' : 'ok';
  }
}

function keysOf(card: SimulatedCard): string[] {
  return SENSORS.map((sensor) => keyOf(card, sensor));
}

function keyOf(card: SimulatedCard, [kind, , , clock]: readonly [string, string, number, string?]): string {
  return [kind, card.plan.pciAddress, ...(clock === undefined ? [] : [clock])].join('|');
}
