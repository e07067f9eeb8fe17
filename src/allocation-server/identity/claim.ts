import type { HostProcesses, SeenProcess } from './host-processes.ts';
import type { KnownPeer } from './peer.ts';

/** By how much a connection may be seen later than it was made: 1 s. */
const LATE_TICKS = 100;

/** Whether `claimed` is the PID of the process itself, in any namespace that it is in. */
export function isOwnPid(claimed: number, process: SeenProcess): boolean {
  return process.pid === claimed || process.namespacePids.includes(claimed);
}

/** Whose connection has somebody reported over who calls himself `claimed`? Answered once. */
export interface HeirQuestion {
  readonly claimed: number;
  readonly peer: KnownPeer;
  answer(heir: SeenProcess | undefined): void;
}

/**
 * Finds the processes that have a connection from its peer by fork(), for many questions with one look through /proc.
 * Which process sends is not told by the kernel, so that one must have been made after the connection, and descend from
 * the peer; where the peer has ended, its children have other parents: then they must be of the same user.
 * Each step reads a few files.
 */
export function* findHeirs(questions: readonly HeirQuestion[], processes: HostProcesses): Generator<undefined, void> {
  const open: HeirQuestion[] = [];
  for (const question of questions) {
    const here = lookHere(question, processes);
    if (here === undefined) open.push(question);
    else question.answer(isHeir(here, question.peer, processes) ? here : undefined);
    yield;
  }
  if (open.length === 0) return;
  const named = yield* processes.whoCallThemselves(new Set(open.map(({ claimed }) => claimed)));
  for (const question of open) {
    question.answer(yield* firstHeir(named.get(question.claimed) ?? [], question.peer, processes));
  }
}

/** Without namespaces in between, the PID is its name here. */
function lookHere({ claimed, peer }: HeirQuestion, processes: HostProcesses): SeenProcess | undefined {
  return peer.process.namespacePids.length <= 1 ? processes.look(claimed) : undefined;
}

function* firstHeir(
  pids: readonly number[],
  peer: KnownPeer,
  processes: HostProcesses,
): Generator<undefined, SeenProcess | undefined> {
  for (const pid of pids) {
    const candidate = processes.look(pid);
    if (candidate !== undefined && isHeir(candidate, peer, processes)) return candidate;
    yield;
  }
  return undefined;
}

function isHeir({ pid, uid, stat }: SeenProcess, peer: KnownPeer, processes: HostProcesses): boolean {
  const { process } = peer;
  if (stat.startTicks < Math.max(process.stat.startTicks, peer.sinceTicks - LATE_TICKS)) return false;
  const hasEnded = processes.hasEnded(process.pid, process.stat.startTicks);
  return hasEnded ? uid === peer.uid : processes.descends(pid, process.pid);
}
