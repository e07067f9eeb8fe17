import type { Holding } from './holdings.ts';
import type { ProcessFacts, ProcessHandle } from './types.ts';

export interface Process {
  readonly handle: ProcessHandle;
  readonly identity: string;
  facts: ProcessFacts;
  /** By device id. */
  readonly holdings: Map<number, Holding>;
  /** A report of it was refused for want of room, so that what is known of it is a lower bound. */
  incomplete: boolean;
  /** Entries in the tables of buffers. */
  buffers: number;
}

const SLOT_BITS = 11;
const SLOT_MASK = (1 << SLOT_BITS) - 1;
/** Handles stay below 2^30. */
const GENERATIONS = 2 ** (30 - SLOT_BITS);

/** The processes that report. A handle is a slot and how often that was used before, so that an old one is no other's. */
export class Processes {
  readonly #slots: (Process | undefined)[] = [];
  readonly #generations: number[] = [];
  readonly #free: number[] = [];
  readonly #byIdentity = new Map<string, Process>();
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get(handle: ProcessHandle): Process | undefined {
    const process = this.#slots[handle & SLOT_MASK];
    return process?.handle === handle ? process : undefined;
  }

  open(identity: string, facts: ProcessFacts): Process | undefined {
    const known = this.#byIdentity.get(identity);
    if (known !== undefined) {
      known.facts = facts;
      return known;
    }
    if (this.#byIdentity.size >= this.#limit) return undefined;
    const slot = this.#free.pop() ?? this.#slots.length;
    const generation = this.#generations[slot] ?? 0;
    this.#generations[slot] = (generation + 1) % GENERATIONS;
    const handle = generation * (SLOT_MASK + 1) + slot;
    const holdings = new Map<number, Holding>();
    const process: Process = { handle, identity, facts, holdings, incomplete: false, buffers: 0 };
    this.#slots[slot] = process;
    this.#byIdentity.set(identity, process);
    return process;
  }

  close(process: Process): void {
    const slot = process.handle & SLOT_MASK;
    this.#slots[slot] = undefined;
    this.#free.push(slot);
    this.#byIdentity.delete(process.identity);
  }

  all(): IterableIterator<Process> {
    return this.#byIdentity.values();
  }
}
