import type { RegionSlot } from '../sources/shared-memory/types.ts';
import type { HostProcess } from '../sources/procfs/types.ts';

/** Whose a process slot of a region is. */
export type SlotOwner =
  | { readonly kind: 'process'; readonly hostPid: number }
  /** No process can be the owner, and everything was looked at. */
  | { readonly kind: 'gone' }
  /** Two processes fit, one has the number and started too late, or not everything could be looked at. */
  | { readonly kind: 'unknown' };

/** What is known of a region's holders. */
export interface SlotEvidence {
  /** Processes that have the region open or mapped. */
  readonly regionHolders: readonly HostProcess[];
  /** Every descriptor and the maps that matter were seen. */
  readonly complete: boolean;
  /**
   * Processes that have the chip's device open, but for those that were looked through and do not hold the region: the
   * lesser evidence, where not everybody could be.
   */
  readonly deviceHolders: readonly HostProcess[];
}

/** A version 4 writer puts it in the place of a slot's PID while it releases the slot. */
const RELEASING = -1;

const NOBODY: readonly HostProcess[] = [];
const UNKNOWN: SlotOwner = { kind: 'unknown' };
const GONE: SlotOwner = { kind: 'gone' };

/** Start times are counted in ticks from a boot time of whole seconds. */
const START_TIME_SLACK_SECONDS = 2;

/** Finds the owners of a region's slots. */
export class SlotOwners {
  readonly #evidence: SlotEvidence;
  /** The region's holders by what they call themselves: the first of each number, and all where there are more. */
  readonly #byNumber = new Map<number, HostProcess>();
  readonly #namesakes = new Map<number, HostProcess[]>();
  /** What one of them calls itself is not known. */
  readonly #isOneNameless: boolean;

  constructor(evidence: SlotEvidence) {
    this.#evidence = evidence;
    for (const process of evidence.regionHolders) {
      const number = process.namespacePids.at(-1);
      if (number === undefined) continue;
      const first = this.#byNumber.get(number);
      if (first === undefined) this.#byNumber.set(number, process);
      else this.#namesakes.set(number, [...(this.#namesakes.get(number) ?? [first]), process]);
    }
    this.#isOneNameless = evidence.regionHolders.some(({ namespacePids }) => namespacePids.length === 0);
  }

  /**
   * The one holder of the region that sees itself under the slot's PID and that started before the slot's last update.
   * One that started later has a recycled number and wrote nothing yet, or the clock has been set since: the boot time
   * that start times count from moves with it, timestamps in the region do not. So it is not said to be the owner, and
   * while it lives nobody is said to be gone.
   */
  find(slot: RegionSlot): SlotOwner {
    const { regionHolders, complete, deviceHolders } = this.#evidence;
    // It may be any of them, in the middle of its end.
    if (slot.pid === RELEASING && regionHolders.length > 0) return UNKNOWN;
    const only = this.#byNumber.get(slot.pid);
    if (complete && only === undefined) return this.#isOneNameless ? UNKNOWN : GONE;
    const namesakes = this.#namesakes.get(slot.pid);
    if (complete && only !== undefined && namesakes === undefined)
      return startedInTime(only, slot) ? { kind: 'process', hostPid: only.pid } : UNKNOWN;
    const holders = namesakes ?? (only === undefined ? NOBODY : [only]);
    if (complete) return theOneInTime(holders, slot);
    // Whoever could not be looked through may hold the region too.
    const unseen = deviceHolders.filter(
      (process) => hasNumber(process, slot) && !holders.some(({ pid }) => pid === process.pid),
    );
    return theOneInTime([...holders, ...unseen], slot);
  }
}

function theOneInTime(processes: readonly HostProcess[], slot: RegionSlot): SlotOwner {
  let owner: HostProcess | undefined;
  for (const process of processes) {
    if (!startedInTime(process, slot)) continue;
    if (owner !== undefined) return UNKNOWN;
    owner = process;
  }
  return owner === undefined ? UNKNOWN : { kind: 'process', hostPid: owner.pid };
}

function hasNumber(process: HostProcess, slot: RegionSlot): boolean {
  return process.namespacePids.at(-1) === slot.pid;
}

function startedInTime(process: HostProcess, slot: RegionSlot): boolean {
  if (process.startTimeSeconds === undefined || slot.lastUpdateSeconds === undefined) return true;
  return process.startTimeSeconds <= slot.lastUpdateSeconds + START_TIME_SLACK_SECONDS;
}
