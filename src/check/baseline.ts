import { SMI_DOCUMENT_VERSION } from '../smi/document.ts';
import type { ProcessView } from '../host-view/types.ts';

/** What was on the chips before. */
export interface Baseline {
  /** Whether this very process was on the chip: the same PID, started at the same time. */
  hasProcess(process: ProcessView, device: string): boolean;
  /** Bytes that were charged to this pid label on the chip. */
  bytes(pid: string, device: string): number;
  unattributedBytes(device: string): number;
}

export const NO_BASELINE: Baseline = { hasProcess: () => false, bytes: () => 0, unattributedBytes: () => 0 };

/** A start is computed from the time of boot, which moves with the clock: it may have run for hours since. */
const START_SLACK_SECONDS = 2;

/** A baseline from what `smi --json` printed. Throws an Error of one line where the text is something else. */
export function parseBaseline(text: string): Baseline {
  const document = field.record(parseJson(text));
  if (document['schema'] !== 'tenstorrent-exporter/smi' || document['schema_version'] !== SMI_DOCUMENT_VERSION) {
    throw new Error(`is no answer of smi --json, version ${SMI_DOCUMENT_VERSION}: make one with smi --json > FILE`);
  }
  const starts = new Map<string, number | undefined>();
  const bytes = new Map<string, number>();
  const nobodys = new Map<string, number>();
  for (const device of field.list(document['devices'])) {
    nobodys.set(field.text(device['device']), sumOf(device['unattributed_bytes']));
  }
  for (const process of field.list(document['processes'])) {
    const start = process['start_time_seconds'];
    for (const part of field.list(process['devices'])) {
      const key = keyOf(field.text(process['pid']), field.text(part['device']));
      starts.set(key, typeof start === 'number' ? start : undefined);
      bytes.set(key, sumOf(part['allocated_bytes']));
    }
  }
  return {
    hasProcess: ({ pid, startTimeSeconds }, device) => {
      const start = starts.get(keyOf(pid, device));
      if (start === undefined || startTimeSeconds === undefined) return false;
      return Math.abs(start - startTimeSeconds) <= START_SLACK_SECONDS;
    },
    bytes: (pid, device) => bytes.get(keyOf(pid, device)) ?? 0,
    unattributedBytes: (device) => nobodys.get(device) ?? 0,
  };
}

function keyOf(pid: string, device: string): string {
  return `${device} ${pid}`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('is no JSON: make it with smi --json > FILE');
  }
}

function sumOf(bytes: unknown): number {
  return Object.values(field.record(bytes)).reduce<number>(
    (sum, part) => sum + (typeof part === 'number' ? part : 0),
    0,
  );
}

type Fields = Readonly<Record<string, unknown>>;

/** Fields of the kind that they should be, or empty ones: what is missing was not there before. */
const field = {
  record: (value: unknown): Fields => (typeof value === 'object' && value !== null ? { ...value } : {}),
  list: (value: unknown): Fields[] => (Array.isArray(value) ? value.map((item: unknown) => field.record(item)) : []),
  text: (value: unknown): string => (typeof value === 'string' ? value : ''),
};
