import type { LaneReader, LaneRun } from '../../io/lanes.ts';
import type { ReadError, Source, SourceContext, SourceRun, SourceState } from '../source.ts';
import { CardPlans } from './card-plan.ts';
import type { CardPlan } from './card-plan.ts';
import { DriverVersionReader } from './driver-version.ts';
import type { DriverVersion } from './driver-version.ts';
import { CardEnumerator } from './enumerate.ts';
import { FlitSampler } from './flit-sampler.ts';
import type { FlitReading } from './flit-sampler.ts';
import { readCard } from './read-card.ts';
import type { Card, SysfsReading } from './types.ts';

export interface SysfsSourceOptions {
  /** Where sysfs is: `/sys`, or a folder that looks like it. */
  readonly path: string;
  /** Others may share it: who made it closes it. */
  readonly lanes: LaneReader;
  /**
   * Whether to count the driver's PCIe counters, which wrap in seconds: they are read every second from now on, also
   * between runs, until the source is closed. Default: false.
   */
  readonly flitCounters?: boolean;
}

/** Reads the Tenstorrent cards below sysfs: which there are, how they are, and what they measure. */
export function createSysfsSource(options: SysfsSourceOptions): Source<SysfsReading> {
  const enumerator = new CardEnumerator(options.path);
  const versions = new DriverVersionReader(options.path);
  const plans = new CardPlans();
  const sampler = options.flitCounters === true ? new FlitSampler(options) : undefined;
  return {
    name: 'sysfs',
    start(context: SourceContext): SourceRun<SysfsReading> {
      const startedAt = performance.now();
      const driver = versions.read();
      const found = enumerator.enumerate();
      if (!found.ok) return over(startedAt, { outcome: 'failed', data: undefined, errors: [found.error] });
      if (found.cards.length === 0) return over(startedAt, withoutCards(driver));
      const cards = plans.for(found.cards);
      const run = options.lanes.read(cards.flatMap(lanesOf), context.deadline.signal);
      const onMoved = (): void => {
        enumerator.lookAgain();
      };
      return new SysfsRun({ startedAt, driver, flits: sampler?.take(), cards, onMoved }, run);
    },
    close: async () => {
      enumerator.close();
      versions.close();
      await sampler?.close();
    },
  };
}

function lanesOf(plan: CardPlan) {
  return plan.driver === undefined ? [plan.pci] : [plan.pci, plan.driver];
}

type Finding = Omit<SourceState<SysfsReading>, 'durationSeconds'>;

function withoutCards({ version, error }: DriverVersion): Finding {
  return {
    outcome: version === undefined && error === undefined ? 'no_data' : 'ok',
    data: { driverVersion: version, cards: [] },
    errors: error === undefined ? [] : [error],
  };
}

function over(startedAt: number, finding: Finding): SourceRun<SysfsReading> {
  const state = { ...finding, durationSeconds: secondsSince(startedAt) };
  return { done: Promise.resolve(), state: () => state };
}

function secondsSince(startedAt: number): number {
  return (performance.now() - startedAt) / 1000;
}

/** What a run knows when it starts. */
interface Beginning {
  readonly startedAt: number;
  readonly driver: DriverVersion;
  readonly flits: FlitReading | undefined;
  readonly cards: readonly CardPlan[];
  /** Told of a card that is not where it was when the bus was listed. */
  readonly onMoved: () => void;
}

/** A run that waits for its lanes. */
class SysfsRun implements SourceRun<SysfsReading> {
  readonly done: Promise<void>;
  readonly #beginning: Beginning;
  readonly #lanes: LaneRun;
  #final: SourceState<SysfsReading> | undefined;

  constructor(beginning: Beginning, lanes: LaneRun) {
    this.#beginning = beginning;
    this.#lanes = lanes;
    this.done = lanes.done.then(() => {
      this.#final = this.#now('ok');
    });
  }

  state(): SourceState<SysfsReading> {
    return this.#final ?? this.#now(undefined);
  }

  #now(outcome: 'ok' | undefined): SourceState<SysfsReading> {
    const { startedAt, driver, flits } = this.#beginning;
    const results = this.#lanes.results();
    const cards: Card[] = [];
    const errors: ReadError[] = driver.error === undefined ? [] : [driver.error];
    this.#beginning.cards.forEach((plan, index) => {
      const reading = readCard(index, plan, results, flits?.of(plan.location) ?? []);
      if (reading.card !== undefined) cards.push(reading.card);
      if (reading.presence !== 'present') this.#beginning.onMoved();
      errors.push(...reading.errors);
    });
    errors.push(...this.#blocked(results), ...(flits?.errors ?? []));
    const data = { driverVersion: driver.version, cards };
    return { outcome, data, errors, durationSeconds: secondsSince(startedAt) };
  }

  /** One error a lane; the card, or half of it, is there without its readings. */
  #blocked(results: ReadonlyMap<string, unknown>): ReadError[] {
    const blocked = new Set(this.#lanes.blocked());
    return this.#beginning.cards
      .flatMap(lanesOf)
      .filter(({ key }) => blocked.has(key) && !results.has(key))
      .map(({ key }) => ({ reason: 'blocked', message: `${key}: ${BLOCKED}` }));
  }
}

const BLOCKED =
  'a read is blocked, most likely by a reset that the driver waits for; its readings are left out until it returns';
