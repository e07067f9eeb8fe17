import type { LaneReader, LaneRun } from '../../io/lanes.ts';
import type { ReadError, Source, SourceContext, SourceRun, SourceState } from '../source.ts';
import type { Attribute } from './attribute.ts';
import { CardPlans } from './card-plan.ts';
import type { CardPlan } from './card-plan.ts';
import { readDriverVersion } from './driver-version.ts';
import type { DriverVersion } from './driver-version.ts';
import { CardEnumerator } from './enumerate.ts';
import { readCard } from './read-card.ts';
import type { Card, SysfsReading } from './types.ts';

export interface SysfsSourceOptions {
  /** Where sysfs is: `/sys`, or a folder that looks like it. */
  readonly path: string;
  /** Others may share it: who made it closes it. */
  readonly lanes: LaneReader;
  /**
   * Whether to read the driver's flit counters, 12 files a card that the driver does not guard against a reset.
   * Default: true.
   */
  readonly flitCounters?: boolean;
}

const FLIT_DIRECTORY = 'pcie_perf_counters/';

/** Reads the Tenstorrent cards below sysfs: which there are, how they are, and what they measure. */
export function createSysfsSource(options: SysfsSourceOptions): Source<SysfsReading> {
  const enumerator = new CardEnumerator(options.path);
  const withFlits = options.flitCounters ?? true;
  const plans = new CardPlans((attribute: Attribute) => !withFlits && attribute.file.startsWith(FLIT_DIRECTORY));
  return {
    name: 'sysfs',
    start(context: SourceContext): SourceRun<SysfsReading> {
      const startedAt = performance.now();
      const driver = readDriverVersion(options.path);
      const found = enumerator.enumerate();
      if (!found.ok) return over(startedAt, { outcome: 'failed', data: undefined, errors: [found.error] });
      if (found.cards.length === 0) return over(startedAt, withoutCards(driver));
      const cards = plans.for(found.cards);
      const run = options.lanes.read(cards.flatMap(lanesOf), context.deadline.signal);
      return new SysfsRun(startedAt, driver, cards, run);
    },
    close: () => Promise.resolve(),
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

/** A run that waits for its lanes. */
class SysfsRun implements SourceRun<SysfsReading> {
  readonly done: Promise<void>;
  readonly #startedAt: number;
  readonly #driver: DriverVersion;
  readonly #plans: readonly CardPlan[];
  readonly #lanes: LaneRun;
  #final: SourceState<SysfsReading> | undefined;

  constructor(startedAt: number, driver: DriverVersion, plans: readonly CardPlan[], lanes: LaneRun) {
    this.#startedAt = startedAt;
    this.#driver = driver;
    this.#plans = plans;
    this.#lanes = lanes;
    this.done = lanes.done.then(() => {
      this.#final = this.#now('ok');
    });
  }

  state(): SourceState<SysfsReading> {
    return this.#final ?? this.#now(undefined);
  }

  #now(outcome: 'ok' | undefined): SourceState<SysfsReading> {
    const results = this.#lanes.results();
    const cards: Card[] = [];
    const errors: ReadError[] = this.#driver.error === undefined ? [] : [this.#driver.error];
    this.#plans.forEach((plan, index) => {
      const reading = readCard(index, plan, results);
      if (reading.card !== undefined) cards.push(reading.card);
      errors.push(...reading.errors);
    });
    errors.push(...this.#blocked(results));
    const data = { driverVersion: this.#driver.version, cards };
    return { outcome, data, errors, durationSeconds: secondsSince(this.#startedAt) };
  }

  /** One error a lane; the card, or half of it, is there without its readings. */
  #blocked(results: ReadonlyMap<string, unknown>): ReadError[] {
    const blocked = new Set(this.#lanes.blocked());
    return this.#plans
      .flatMap(lanesOf)
      .filter(({ key }) => blocked.has(key) && !results.has(key))
      .map(({ key }) => ({ reason: 'blocked', message: `${key}: ${BLOCKED}` }));
  }
}

const BLOCKED =
  'a read is blocked, most likely by a reset that the driver waits for; its readings are left out until it returns';
