import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDuration } from '../../../alerts/generator/durations.ts';
import { parseThresholds } from '../../../alerts/generator/thresholds.ts';

const FILE = join(import.meta.dirname, '../../../alerts/thresholds.yaml');

/** What the alerts hold against, from their own file: a panel turns red where an alert begins to count. */
export interface Limits {
  /** Shares of a chip's capacity. */
  readonly almostFull: number;
  readonly halfFull: number;
  readonly orphaned: number;
  readonly unattributed: number;
  readonly grownInAStep: number;
  /** Seconds until a chip is full. */
  readonly horizon: number;
  /** What a process never gave back within this time is its floor. */
  readonly floorWindow: string;
  /** Below the temperature at which firmware throttles. */
  readonly marginCelsius: number;
  readonly regionSlots: number;
  readonly series: number;
  /** Of Prometheus's time for a scrape. */
  readonly scrapeShare: number;
  readonly scrapeSeconds: number;
  readonly collectorShare: number;
  readonly correctablePerSecond: number;
}

export function readLimits(file = FILE): Limits {
  const thresholds = parseThresholds(readFileSync(file, 'utf8'));
  const number = (path: string): number => thresholds.number(path);
  const duration = (path: string): string => thresholds.duration(path);
  return {
    almostFull: number('almostFull.usedShare'),
    halfFull: number('exhaustionPredicted.usedShare'),
    orphaned: number('orphaned.share'),
    unattributed: number('unattributed.driftShare'),
    grownInAStep: number('growing.stepShare'),
    horizon: parseDuration(duration('exhaustionPredicted.horizon')),
    floorWindow: duration('growing.floorWindow'),
    marginCelsius: number('temperatureNearLimit.marginCelsius'),
    regionSlots: number('regionSlotsExhausted.slots'),
    series: number('seriesBudgetExceeded.series'),
    scrapeShare: number('scrapeNearTimeout.share'),
    scrapeSeconds: number('scrapeNearTimeout.timeoutSeconds'),
    collectorShare: number('collectorFailing.successShare'),
    correctablePerSecond: number('pcieErrors.correctablePerSecond'),
  };
}
