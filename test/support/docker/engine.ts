import { DEFAULT_SOCKET, answers } from './engine-probe.ts';
import { removeOrphans, removeOwn } from './owner.ts';
import { startEngine } from './start-engine.ts';

/** A Docker engine on this host, in use by this process. */
export interface Engine {
  /** Path of its Unix socket. */
  readonly socket: string;
  /** It runs for the tests alone, and ends soon after the last process that uses it. */
  readonly started: boolean;
  /** Removes every container that this process has started there. */
  removeContainers(): Promise<void>;
}

let used: Promise<Engine> | undefined;

/**
 * Gives the engine of DOCKER_HOST or of the default socket, else one that is started for the tests and shared by all
 * processes that ask at the time; always the same one in one process. Sets testcontainers' environment to it. Throws
 * one line that says what is missing.
 */
export function useEngine(): Promise<Engine> {
  used ??= findEngine();
  return used;
}

async function findEngine(): Promise<Engine> {
  const standing = await standingEngine();
  const socket = standing ?? (await startEngine());
  process.env['DOCKER_HOST'] = `unix://${socket}`;
  // Ryuk is an image from a registry; owner.ts does its work.
  process.env['TESTCONTAINERS_RYUK_DISABLED'] = 'true';
  await removeOrphans();
  return { socket, started: standing === undefined, removeContainers: removeOwn };
}

async function standingEngine(): Promise<string | undefined> {
  const named = process.env['DOCKER_HOST'];
  if (named === undefined || named === '') return (await answers(DEFAULT_SOCKET)) ? DEFAULT_SOCKET : undefined;
  if (!named.startsWith('unix://')) {
    throw new Error(`DOCKER_HOST is ${named}: the tests look into containers' /proc, so they need unix:///path`);
  }
  const socket = named.slice('unix://'.length);
  if (await answers(socket)) return socket;
  throw new Error(`DOCKER_HOST is ${named}, and no Docker engine answers there: start it, or unset DOCKER_HOST`);
}
