import { mountNamespaceOf } from '../procfs/mount-namespace.ts';
import { within } from '../procfs/within.ts';
import { blockedError, deniedErrors, limited, privateError } from './private-errors.ts';
import { byNamespace, startSession } from './private-session.ts';
import { PrivateVisit } from './private-visit.ts';
import { QuietHolders } from './quiet-holders.ts';
import { codeOf } from './region-errors.ts';
import { directoryKey, planShm } from './shm-walk.ts';
import type { HolderProcess, ReadError } from '../source.ts';
import type { PrivateRequest, PrivateSession } from './private-session.ts';
import type { RegionReading } from './types.ts';

/** Mount namespaces that are looked into, those with the oldest holders first. */
const MAX_NAMESPACES = 128;

/** Processes of one namespace whose descriptors are looked through. */
const MAX_PROCESSES = 256;

/** A namespace takes a millisecond or two; the first one of a process on a host that is starved has taken 300. */
const NAMESPACE_MS = 500;

/** Each that does not answer keeps a thread of libuv's pool, which others need too. */
const MAX_BLOCKED = 4;

/** What came of the /dev/shm of containers. */
export interface PrivateReading {
  readonly regions: readonly RegionReading[];
  /** Host PIDs of those that could not be looked into. */
  readonly unseenHolders: readonly number[];
}

/**
 * Reads the regions in the private /dev/shm of containers that hold a device: one mount namespace after another. One that
 * keeps its reader waiting is left out, by itself, until what waits there has come back.
 */
export class PrivateRegions {
  readonly #blocked = new Set<number>();
  readonly #quiet = new QuietHolders();

  /** Puts what is wrong into the context's errors. Never rejects. */
  async read(request: Omit<PrivateRequest, 'quiet'>): Promise<PrivateReading> {
    const { holders, deadline, context } = request;
    if (holders.length === 0) return { regions: [], unseenHolders: [] };
    this.#quiet.begin(holders, request.own);
    const session = startSession({ ...request, quiet: this.#quiet });
    const regions: RegionReading[] = [];
    const until = performance.now() + deadline.remaining() / 2;
    const groups = [...byNamespace(session)];
    const seen = new Set<number>();
    for (const [namespace, processes] of groups.slice(0, MAX_NAMESPACES)) {
      const problem = this.#problemWith(namespace, until);
      if (problem === undefined) {
        const found = await this.#visitInTime(namespace, processes, session, request.left - regions.length);
        regions.push(...(found ?? []));
        if (found !== undefined) seen.add(namespace);
      } else context.errors.push(problem);
      if (problem !== undefined && problem.reason !== 'blocked') break;
    }
    if (groups.length > MAX_NAMESPACES) {
      const message = `${groups.length} mount namespaces hold devices: only the oldest ${MAX_NAMESPACES} are looked into`;
      context.errors.push({ reason: 'too_many_namespaces', message });
    }
    context.errors.push(...deniedErrors(session.denied));
    const denied = holders.filter(({ path }) => session.denied.has(path)).map(({ pid }) => pid);
    const leftOut = groups.flatMap(([namespace, processes]) =>
      seen.has(namespace) ? [] : processes.map(({ pid }) => pid),
    );
    return { regions, unseenHolders: [...new Set([...denied, ...leftOut])] };
  }

  #problemWith(namespace: number, until: number): ReadError | undefined {
    if (this.#blocked.has(namespace)) return blockedError(namespace);
    if (this.#blocked.size >= MAX_BLOCKED) {
      const message = `mount namespace ${namespace} and further ones are left out: ${MAX_BLOCKED} others do not answer`;
      return { reason: 'too_many_blocked', message };
    }
    if (performance.now() < until) return undefined;
    return {
      reason: 'deadline',
      message: `mount namespace ${namespace} and further ones were not looked into in time`,
    };
  }

  /** undefined where it keeps its reader waiting. */
  async #visitInTime(
    namespace: number,
    processes: readonly HolderProcess[],
    session: PrivateSession,
    left: number,
  ): Promise<readonly RegionReading[] | undefined> {
    const errors: ReadError[] = [];
    const visit = new PrivateVisit(namespace, session.known, { ...session.context, errors }, left);
    const visited = visitAll(visit, namespace, processes, session, errors).then(() => true);
    const inTime = await within(visited, Math.min(NAMESPACE_MS, session.deadline.remaining() / 4));
    if (inTime === undefined) {
      visit.abandon();
      this.#blocked.add(namespace);
      void visited.then(() => this.#blocked.delete(namespace));
      session.context.errors.push(blockedError(namespace));
      return undefined;
    }
    session.context.errors.push(...limited(errors, namespace));
    return visit.found;
  }
}

async function visitAll(
  visit: PrivateVisit,
  namespace: number,
  processes: readonly HolderProcess[],
  session: PrivateSession,
  errors: ReadError[],
): Promise<void> {
  if (namespace !== session.ownNamespace) await visitFolder(visit, namespace, processes, session, errors);
  for (const process of processes.slice(0, MAX_PROCESSES)) {
    if (session.quiet.has(process)) continue;
    const { path } = process;
    const found = await attempt(path, session, errors, () => visit.readHeld(path, session.pace));
    if (found === 0) session.quiet.add(process);
  }
}

/** Through the first process that is still there. */
async function visitFolder(
  visit: PrivateVisit,
  namespace: number,
  processes: readonly HolderProcess[],
  session: PrivateSession,
  errors: ReadError[],
): Promise<void> {
  for (const { path } of processes) {
    const seen = await attempt(path, session, errors, () => visitFolderOf(visit, namespace, path, session));
    if (seen !== false) return;
  }
}

/** False where the process is not there any more, or has left the namespace. */
async function visitFolderOf(
  visit: PrivateVisit,
  namespace: number,
  path: string,
  { folders, ownFolder }: PrivateSession,
): Promise<boolean> {
  if (mountNamespaceOf(path) !== namespace) return false;
  const plan = planShm(path);
  if (plan === undefined) return true;
  const key = directoryKey(plan.shm);
  if (key === ownFolder) return true;
  const sharers = folders.get(key);
  if (sharers === undefined) {
    const namespaces = [namespace];
    folders.set(key, namespaces);
    await visit.readFolder(plan, namespaces);
  } else sharers.push(namespace);
  return true;
}

/** Nothing that goes wrong with one process costs another. Gives what `look` does, if nothing is wrong. */
async function attempt<T>(
  path: string,
  { denied }: PrivateSession,
  errors: ReadError[],
  look: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await look();
  } catch (error) {
    const code = codeOf(error);
    if (code === 'EACCES' || code === 'EPERM') denied.add(path);
    else if (code !== 'ENOENT' && code !== 'ESRCH') errors.push(privateError(path, error));
    return undefined;
  }
}
