/** What is used of /proc/<pid>/status (linux: Documentation/filesystems/proc.rst, table 1-2). */
export interface ProcessStatus {
  /** `NSpid:`: the PID in each nested namespace, outermost first. Empty on kernels before 4.1. */
  readonly namespacePids: readonly number[];
  /** First number of `Uid:`, the real one. */
  readonly uid: number | undefined;
  readonly state: string;
  readonly threads: number;
}

// The name is the only text in it that a process chooses, and the kernel escapes newlines there: no line can be forged.
const NAMESPACE_PIDS = /^NSpid:((?:\s\d{1,10})+)$/m;
const UID = /^Uid:\s(\d{1,10})\s/m;
const STATE = /^State:\s([A-Za-z])/m;
const THREADS = /^Threads:\s(\d{1,10})$/m;
const EFFECTIVE_CAPABILITIES = /^CapEff:\s([0-9a-f]{16})$/m;

/** undefined where it is no status text. */
export function parseStatus(text: string): ProcessStatus | undefined {
  const state = STATE.exec(text)?.[1];
  if (state === undefined) return undefined;
  const uid = UID.exec(text)?.[1];
  const numbers = NAMESPACE_PIDS.exec(text)?.[1] ?? '';
  return {
    namespacePids: numbers.trim().split(/\s/).filter(Boolean).map(Number),
    uid: uid === undefined ? undefined : Number(uid),
    state,
    threads: Number(THREADS.exec(text)?.[1] ?? 0),
  };
}

/** The effective capabilities as a bit set, bit n for capability n. */
export function parseEffectiveCapabilities(text: string): bigint | undefined {
  const hex = EFFECTIVE_CAPABILITIES.exec(text)?.[1];
  return hex === undefined ? undefined : BigInt(`0x${hex}`);
}
