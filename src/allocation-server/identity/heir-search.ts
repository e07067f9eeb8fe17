import { findHeirs } from './claim.ts';
import type { HeirQuestion } from './claim.ts';
import type { HostProcesses, SeenProcess } from './host-processes.ts';
import type { KnownPeer } from './peer.ts';
import { PacedWork } from './paced-work.ts';

/**
 * Looks for the processes that claims are about, for all connections together: whoever claims PIDs that nobody has costs
 * the server a tenth of a core at most, and the others one look through /proc more until they are answered.
 */
export class HeirSearch {
  readonly #processes: HostProcesses;
  readonly #work = new PacedWork();
  #waiting: HeirQuestion[] = [];
  #running = false;

  constructor(processes: HostProcesses) {
    this.#processes = processes;
  }

  /** The process that calls itself `claimed` and has its connection from the peer; undefined where there is none. */
  find(claimed: number, peer: KnownPeer): Promise<SeenProcess | undefined> {
    const { promise, resolve } = Promise.withResolvers<SeenProcess | undefined>();
    this.#waiting.push({ claimed, peer, answer: resolve });
    if (!this.#running) void this.#run();
    return promise;
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#waiting.length > 0) {
      const round = this.#waiting;
      this.#waiting = [];
      await this.#work.run(findHeirs(round, this.#processes));
    }
    this.#running = false;
  }
}
