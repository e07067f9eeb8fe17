import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { faultsEnvironment } from '../faults-environment.ts';
import { giveTo, layOut } from './lay-out.ts';
import { readBundle } from './read-bundle.ts';
import { startReplayServer } from './replay-server.ts';

/** A host as it was when a bundle was taken: it stands still. */
export interface ReplayHost {
  readonly root: string;
  /** The exporter's flags for it. */
  readonly flags: readonly string[];
  /** For a program that is to meet the errors that were met then. */
  readonly environment: Readonly<Record<string, string>>;
  /** The page in the bundle. */
  readonly page: string;
  close(): Promise<void>;
}

/** Lays a bundle's host out in a temporary folder. Throws BundleError where the bundle is not taken. */
export async function startReplay(bytes: Buffer): Promise<ReplayHost> {
  const replay = readBundle(bytes);
  const root = mkdtempSync(join(tmpdir(), 'tt-replay-'));
  try {
    const release = layOut(replay, root);
    const socket = join(root, 'tmp/tt_allocation_server.sock');
    const stop = await startReplayServer(socket, replay.server, replay.document);
    giveTo(socket, replay.server.ownerUid);
    return {
      root,
      flags: [
        `--path.sysfs=${join(root, 'sys')}`,
        `--path.procfs=${join(root, 'proc')}`,
        `--path.shm=${join(root, 'dev/shm')}`,
        `--path.pod-logs=${join(root, 'var/log/pods')}`,
        `--allocation-server.socket=${socket}`,
        ...(replay.capacity === undefined ? [] : [`--capacity.config.file=${join(root, 'capacity.yml')}`]),
        ...replay.flags,
      ],
      environment: faultsEnvironment(join(root, 'faults.json')),
      page: replay.page,
      close: async () => {
        await stop();
        release();
        rmSync(root, { recursive: true, force: true });
      },
    };
  } catch (error) {
    rmSync(root, { recursive: true, force: true });
    throw error;
  }
}
