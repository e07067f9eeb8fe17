import { isOwnPid } from '../identity/claim.ts';
import type { Peer } from '../identity/peer.ts';
import type { Refusal, Reporter, Reporters, Search } from '../identity/reporters.ts';
import { PidLimit } from './pid-limit.ts';

/** How long a refusal holds. */
const REFUSED_MS = 5000;
/** Refusals that are remembered, and processes before those that have ended are forgotten. */
const MAX_REFUSED = 256;
const MANY_PROCESSES = 64;

/** The process is being looked for. */
export const PENDING = Symbol('pending');

/** What one connection has claimed, so that each PID is looked for once, and one at a time. */
export class Claims {
  readonly #reporters: Reporters;
  readonly #peer: Peer;
  readonly #restored: boolean;
  readonly #limit = new PidLimit();
  readonly #found = new Map<number, Reporter>();
  readonly #refused = new Map<number, { readonly reason: Refusal; readonly at: number }>();
  #forgetAt = MANY_PROCESSES;
  #searching = false;
  /** Called when what was PENDING may be no more. */
  onSettled: () => void = () => undefined;

  constructor(reporters: Reporters, peer: Peer, restored: boolean) {
    this.#reporters = reporters;
    this.#peer = peer;
    this.#restored = restored;
  }

  /**
   * Who `pid` is: looked for once, and again where its process has ended and another one may have got the PID, or some
   * time after a refusal.
   */
  of(pid: number): Reporter | Refusal | typeof PENDING {
    const known = this.#found.get(pid);
    if (known?.ended === false) return known;
    if (known !== undefined && this.#isOwn(pid)) return 'ended_process';
    const refusal = this.#refusalOf(pid);
    if (refusal !== undefined) return refusal;
    if (this.#peer.kind !== 'known' && !this.#limit.take()) return 'too_many_pids';
    const found = this.#reporters.find(pid, this.#peer, this.#restored);
    if (typeof found !== 'function') return this.#note(pid, found);
    if (!this.#searching) void this.#search(pid, found);
    return PENDING;
  }

  /** Those that have reported over the connection and have not ended. */
  reporters(): Reporter[] {
    return [...this.#found.values()].filter(({ ended }) => !ended);
  }

  async #search(pid: number, search: Search): Promise<void> {
    this.#searching = true;
    const found = await search();
    this.#searching = false;
    this.#note(pid, found === 'foreign_pid' && this.#found.has(pid) ? 'ended_process' : found);
    this.onSettled();
  }

  #isOwn(pid: number): boolean {
    return this.#peer.kind === 'known' && isOwnPid(pid, this.#peer.process);
  }

  #refusalOf(pid: number): Refusal | undefined {
    const refused = this.#refused.get(pid);
    return refused !== undefined && performance.now() - refused.at < REFUSED_MS ? refused.reason : undefined;
  }

  #note(pid: number, found: Reporter | Refusal): Reporter | Refusal {
    this.#refused.delete(pid);
    if (typeof found === 'string') {
      const [oldest] = this.#refused.keys();
      if (oldest !== undefined && this.#refused.size >= MAX_REFUSED) this.#refused.delete(oldest);
      this.#refused.set(pid, { reason: found, at: performance.now() });
    } else {
      found.connections++;
      this.#found.set(pid, found);
      if (this.#found.size >= this.#forgetAt) this.#forgetEnded();
    }
    return found;
  }

  #forgetEnded(): void {
    for (const [pid, { ended }] of this.#found) {
      if (ended && !this.#isOwn(pid)) this.#found.delete(pid);
    }
    this.#forgetAt = Math.max(MANY_PROCESSES, 2 * this.#found.size);
  }
}
