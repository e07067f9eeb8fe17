import { setImmediate } from 'node:timers/promises';
import type { Deadline } from '../../collect/deadline.ts';

/** How long the event loop may be kept busy at a time, in milliseconds. */
const SLICE_MS = 4;

/**
 * Cuts long synchronous work on the main thread into slices, and ends it at the deadline:
 * `if (pace.due() && !(await pace.rest())) return;`
 */
export class Pace {
  readonly #deadline: Deadline;
  // The first question is due at once, so that nothing starts behind the deadline.
  #sliceEnd = -Infinity;

  constructor(deadline: Deadline) {
    this.#deadline = deadline;
  }

  /** Whether it is time to rest. */
  due(): boolean {
    return performance.now() >= this.#sliceEnd;
  }

  /** Lets others run. False once the deadline has come: then the work must end. */
  async rest(): Promise<boolean> {
    if (this.#deadline.remaining() === 0) return false;
    if (this.#sliceEnd !== -Infinity) await setImmediate();
    this.#sliceEnd = performance.now() + SLICE_MS;
    return this.#deadline.remaining() > 0;
  }
}
