import { LIMITED } from './lookup-limit.ts';
import type { LookupLimit } from './lookup-limit.ts';
import type { Peer } from '../identity/peer.ts';
import type { Refusal, Reporter, Reporters } from '../identity/reporters.ts';

/** How long a refusal holds. */
const REFUSED_MS = 5000;

interface Answer {
  readonly found: Reporter | Refusal;
  readonly at: number;
}

/** What one connection has claimed, so that each PID is looked up once. */
export class Claims {
  readonly #reporters: Reporters;
  readonly #peer: Peer;
  readonly #restored: boolean;
  readonly #limit: LookupLimit;
  readonly #byPid = new Map<number, Answer>();

  constructor(reporters: Reporters, peer: Peer, restored: boolean, limit: LookupLimit) {
    this.#reporters = reporters;
    this.#peer = peer;
    this.#restored = restored;
    this.#limit = limit;
  }

  /**
   * Who `pid` is: looked up once, and again where its process has ended and another one has got the PID, or some time
   * after a refusal.
   */
  of(pid: number): Reporter | Refusal {
    const known = this.#byPid.get(pid);
    if (known !== undefined && this.#holds(known)) return known.found;
    if (this.#limit.take() === LIMITED) return 'too_many_pids';
    const before = known?.found;
    if (typeof before === 'object' && this.#reporters.isGone(before)) return 'ended_process';
    const found = this.#reporters.find(pid, this.#peer, this.#restored);
    if (typeof found !== 'string') found.connections++;
    this.#byPid.set(pid, { found, at: performance.now() });
    return found;
  }

  #holds({ found, at }: Answer): boolean {
    return typeof found === 'string' ? performance.now() - at < REFUSED_MS : !found.ended;
  }

  /** Those that have reported over the connection and have not ended. */
  reporters(): Reporter[] {
    return [...this.#byPid.values()]
      .map(({ found }) => found)
      .filter((found) => typeof found !== 'string')
      .filter(({ ended }) => !ended);
  }
}
