import { bytesAskedFor } from './file-outcome.ts';
import { ResultMemory } from './lane-job.ts';
import type { Lane } from './lanes.ts';
import { ResultDecoder } from './result-decoder.ts';

/** Lists of lanes that are remembered: each source has one or two. */
const SLOTS = 8;

/** A list of lanes that is read again and again, and what it is read into. */
export interface LanePlan {
  /** The name that the thread knows it by; a later plan may take it over. */
  readonly slot: number;
  readonly lanes: readonly Lane[];
  readonly memory: ResultMemory;
  readonly decoder: ResultDecoder;
}

/** Remembers lists of lanes with their memory, so that the thread need not be told them again. */
export class LanePlans {
  readonly #plans: (LanePlan | undefined)[] = Array.from({ length: SLOTS }, () => undefined);
  readonly #busy = new Set<LanePlan>();
  #next = 0;

  /** The plan of these lanes, in use until it is released; undefined where all are in use. `isNew`: the thread has to be told. */
  take(lanes: readonly Lane[]): { readonly plan: LanePlan; readonly isNew: boolean } | undefined {
    const known = this.#plans.find((plan) => plan !== undefined && !this.#busy.has(plan) && isSame(plan.lanes, lanes));
    const plan = known ?? this.#create(lanes);
    if (plan === undefined) return undefined;
    this.#busy.add(plan);
    plan.memory.reset();
    return { plan, isNew: plan !== known };
  }

  release(plan: LanePlan): void {
    this.#busy.delete(plan);
  }

  /** Memory that a thread may still write to is never handed out again. */
  clear(): void {
    this.#plans.fill(undefined);
    this.#busy.clear();
  }

  #create(lanes: readonly Lane[]): LanePlan | undefined {
    for (let tries = 0; tries < SLOTS; tries++) {
      const slot = (this.#next + tries) % SLOTS;
      const old = this.#plans[slot];
      if (old !== undefined && this.#busy.has(old)) continue;
      const files = lanes.reduce((sum, lane) => sum + lane.files.length, 0);
      const memory = ResultMemory.allocate(files, bytesOf(lanes));
      const plan = { slot, lanes, memory, decoder: new ResultDecoder(lanes) };
      this.#plans[slot] = plan;
      this.#next = (slot + 1) % SLOTS;
      return plan;
    }
    return undefined;
  }
}

/** What the texts of these lanes can come to. */
export function bytesOf(lanes: readonly Lane[]): number {
  return lanes.reduce((sum, { files }) => files.reduce((bytes, file) => bytes + bytesAskedFor(file.maxBytes), sum), 0);
}

function isSame(one: readonly Lane[], other: readonly Lane[]): boolean {
  if (one.length !== other.length) return false;
  for (let index = 0; index < one.length; index++) if (one[index] !== other[index]) return false;
  return true;
}
