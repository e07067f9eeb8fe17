import type { Books, ProcessFacts, ProcessHandle } from '../books/types.ts';
import { isOwnPid } from './claim.ts';
import { HeirSearch } from './heir-search.ts';
import type { HostProcesses, SeenProcess } from './host-processes.ts';
import type { Peer } from './peer.ts';

/** A process that reports. */
export interface Reporter {
  readonly handle: ProcessHandle;
  readonly identity: string;
  /** Where it was proven: what tells that it has ended. */
  readonly host: { readonly pid: number; readonly startTicks: number } | undefined;
  /** Connections that it has reported over and that are open. */
  connections: number;
  ended: boolean;
}

/** Why a claim is not followed; the words are reasons of `rejectedMessages`. */
export type Refusal = 'impossible_pid' | 'foreign_pid' | 'ended_process' | 'too_many_pids' | 'too_many_processes';

/** Begins to look for the process that a claim is about. */
export type Search = () => Promise<Reporter | Refusal>;

export interface ReportersOptions {
  readonly books: Books;
  readonly processes: HostProcesses;
}

/** The processes that report, and their ends. */
export class Reporters {
  readonly #options: ReportersOptions;
  readonly #heirs: HeirSearch;
  readonly #byIdentity = new Map<string, Reporter>();
  readonly #facts = new Map<Reporter, ProcessFacts>();
  /** When this server started: a process from before is partial. */
  readonly #startTicks: number;

  constructor(options: ReportersOptions) {
    this.#options = options;
    this.#heirs = new HeirSearch(options.processes);
    this.#startTicks = options.processes.nowTicks() ?? Infinity;
  }

  /**
   * Who `claimed` is, over the connection of `peer`: that process itself, at once; or one that has the connection from it
   * by fork(), which has to be looked for. `restored`: the connection is older than this server.
   */
  find(claimed: number, peer: Peer, restored: boolean): Reporter | Refusal | Search {
    if (claimed <= 0) return 'impossible_pid';
    if (peer.kind !== 'known') {
      const of = peer.kind === 'unseen' ? `${peer.pid}` : '';
      return this.#open(`unverifiable ${of} ${claimed}`, undefined, { pid: claimed, partial: restored });
    }
    if (isOwnPid(claimed, peer.process)) return this.#openProven(claimed, peer.process, restored);
    return async () => {
      const heir = await this.#heirs.find(claimed, peer);
      return heir === undefined ? 'foreign_pid' : this.#openProven(claimed, heir, restored);
    };
  }

  /** Its memory is a lower bound: it knows of buffers that were never reported here. */
  markPartial(reporter: Reporter): void {
    const facts = this.#facts.get(reporter);
    if (facts === undefined || facts.partial) return;
    const known = { ...facts, partial: true };
    this.#facts.set(reporter, known);
    this.#options.books.update(reporter.handle, known);
  }

  /** A connection of it has closed. What nobody can prove to live on has ended with its last connection. */
  disconnected(reporter: Reporter): void {
    reporter.connections--;
    if (reporter.host === undefined && reporter.connections <= 0) this.#end(reporter);
    else this.check(reporter);
  }

  /** Ends it where its process has ended. */
  check(reporter: Reporter): void {
    if (!reporter.ended && this.isGone(reporter)) this.#end(reporter);
  }

  /** Whether its process is proven to have ended. */
  isGone({ host }: Reporter): boolean {
    return host !== undefined && this.#options.processes.hasEnded(host.pid, host.startTicks);
  }

  all(): Reporter[] {
    return [...this.#byIdentity.values()];
  }

  #openProven(claimed: number, process: SeenProcess, restored: boolean): Reporter | Refusal {
    const { pid, stat } = process;
    const host = { pid, startTicks: stat.startTicks };
    return this.#open(`${pid} ${stat.startTicks}`, host, this.#describe(claimed, process, restored));
  }

  #open(identity: string, host: Reporter['host'], facts: ProcessFacts): Reporter | Refusal {
    const known = this.#byIdentity.get(identity);
    if (known !== undefined) return known;
    const handle = this.#options.books.open(identity, facts);
    if (handle === undefined) return 'too_many_processes';
    const reporter: Reporter = { handle, identity, host, connections: 0, ended: false };
    this.#byIdentity.set(identity, reporter);
    this.#facts.set(reporter, facts);
    return reporter;
  }

  #end(reporter: Reporter): void {
    if (reporter.ended) return;
    reporter.ended = true;
    this.#byIdentity.delete(reporter.identity);
    this.#facts.delete(reporter);
    this.#options.books.end(reporter.handle);
  }

  #describe(claimed: number, { pid, stat, group }: SeenProcess, restored: boolean): ProcessFacts {
    const startSeconds = this.#options.processes.startSeconds(stat.startTicks);
    const { containerId, podUid, slurmJobId, unit } = group;
    return {
      pid: claimed,
      hostPid: pid,
      ...(startSeconds !== undefined && { startSeconds }),
      partial: restored || stat.startTicks < this.#startTicks,
      comm: stat.comm,
      ...(containerId !== undefined && { containerId }),
      ...(podUid !== undefined && { podUid }),
      ...(slurmJobId !== undefined && { slurmJobId }),
      ...(unit !== undefined && { unit }),
    };
  }
}
