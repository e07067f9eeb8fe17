import { readFileSync, readlinkSync } from 'node:fs';
import { getContainerRuntimeClient } from 'testcontainers';
import { parseStat } from '../../../src/sources/procfs/parse-stat.ts';

/** Label of every container that the tests start; its value is the process that it belongs to. */
export const LABEL = 'tenstorrent-exporter.test';

/** PID namespace, PID and start time: no other process is ever called this. */
export function ownerLabel(): string {
  return `${pidNamespace()}/${process.pid}/${startTicks(process.pid) ?? ''}`;
}

/** Removes the containers that this process has started. */
export async function removeOwn(): Promise<void> {
  await removeContainers((owner) => owner === ownerLabel());
}

/** Removes the containers of test processes that ended without doing so. */
export async function removeOrphans(): Promise<void> {
  await removeContainers((owner) => {
    const [namespace, pid, started] = owner.split('/');
    return namespace === pidNamespace() && String(startTicks(Number(pid)) ?? '') !== started;
  });
}

async function removeContainers(isMeant: (owner: string) => boolean): Promise<void> {
  const { dockerode } = (await getContainerRuntimeClient()).container;
  const containers = await dockerode.listContainers({ all: true, filters: { label: [LABEL] } });
  const meant = containers.filter(({ Labels: labels }) => isMeant(labels[LABEL] ?? ''));
  await Promise.all(
    meant.map(async ({ Id: id }) => {
      try {
        await dockerode.getContainer(id).remove({ force: true, v: true });
      } catch (error) {
        // Somebody else removes it, or has.
        if (!isGone(error)) throw error;
      }
    }),
  );
}

/** The engine's 404 and 409: there is no such container, or its removal is under way. */
function isGone(error: unknown): boolean {
  return error instanceof Error && 'statusCode' in error && (error.statusCode === 404 || error.statusCode === 409);
}

function pidNamespace(): string {
  return readlinkSync('/proc/self/ns/pid');
}

function startTicks(pid: number): number | undefined {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`))?.startTicks;
  } catch {
    return undefined;
  }
}
