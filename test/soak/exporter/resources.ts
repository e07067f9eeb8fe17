import { readdirSync } from 'node:fs';
import { processTree, residentMiB } from '../../bench/process-costs.ts';

/** What the exporter's processes have at one moment. */
export interface Resources {
  readonly atSeconds: number;
  readonly processes: number;
  /** Bytes that are resident: of all, of the exporter, and of the largest of its children. */
  readonly residentBytes: number;
  readonly exporterBytes: number;
  readonly readerBytes: number;
  readonly descriptors: number;
  readonly threads: number;
}

export function measureResources(pid: number, atSeconds: number): Resources {
  const pids = processTree(pid);
  const resident = pids.map((each) => residentMiB([each]) * 2 ** 20);
  return {
    atSeconds,
    processes: pids.length,
    residentBytes: resident.reduce((sum, bytes) => sum + bytes, 0),
    exporterBytes: resident[0] ?? 0,
    readerBytes: Math.max(0, ...resident.slice(1)),
    descriptors: count(pids, 'fd'),
    threads: count(pids, 'task'),
  };
}

/** The slope of the straight line through the points that fits best, per unit of x; 0 for less than two. */
export function slope(points: readonly (readonly [x: number, y: number])[]): number {
  const meanX = mean(points.map(([x]) => x));
  const meanY = mean(points.map(([, y]) => y));
  const spread = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  return spread === 0 ? 0 : points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) / spread;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

function count(pids: readonly number[], folder: string): number {
  return pids.reduce((sum, pid) => sum + list(`/proc/${pid}/${folder}`).length, 0);
}

function list(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
