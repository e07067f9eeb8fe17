import { FORGET_AFTER } from './lane-book.ts';
import type { Lane } from './lanes.ts';

/** `proven`: its last reading went through; `suspect`: a read in it blocked; `new`: not read yet. */
export type Trust = 'new' | 'proven' | 'suspect';

/** Remembers which lanes have blocked, so that they cannot make the thread hang again before they were read well once. */
export class LaneTrust {
  readonly #lanes = new Map<string, { trust: Trust; lastSeen: number }>();
  #runs = 0;

  /** Another run begins, with these lanes. */
  see(lanes: readonly Lane[]): void {
    this.#runs += 1;
    for (const { key } of lanes) {
      const entry = this.#lanes.get(key);
      if (entry === undefined) this.#lanes.set(key, { trust: 'new', lastSeen: this.#runs });
      else entry.lastSeen = this.#runs;
    }
    for (const [key, { lastSeen }] of this.#lanes) {
      if (this.#runs - lastSeen >= FORGET_AFTER) this.#lanes.delete(key);
    }
  }

  of(key: string): Trust {
    return this.#lanes.get(key)?.trust ?? 'new';
  }

  set(key: string, trust: Trust): void {
    const entry = this.#lanes.get(key);
    if (entry !== undefined) entry.trust = trust;
  }
}
