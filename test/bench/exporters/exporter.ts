import { processTree } from '../process-costs.ts';
import type { Program } from '../program.ts';

/** An exporter that is being measured. */
export interface Exporter {
  readonly name: string;
  readonly url: string;
  /** All processes of it. */
  pids(): readonly number[];
  /** read() calls that a scrape cannot do without: fewer, and the exporter does not read what it is to read. */
  readonly leastReads: number;
  readonly leastSeries: number;
  /** Done before each scrape, and not part of it. */
  readonly prepare?: () => Promise<void>;
}

/** The exporter that a program is. */
export function exporterOf(program: Program, exporter: Omit<Exporter, 'pids'>): Exporter {
  return { ...exporter, pids: () => processTree(program.pid) };
}
