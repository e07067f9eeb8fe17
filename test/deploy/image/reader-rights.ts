import { readFileSync } from 'node:fs';
import type { StartedTestContainer } from 'testcontainers';
import type { SimulatedHost } from '../../../src/simulator/hosts.ts';
import { USER, startImage } from './exporter-container.ts';
import type { ImageOptions } from './exporter-container.ts';
import { sameMount } from './shared-host.ts';

/** What lets a process see other users' processes and regions: root of the container, with nothing but these two. */
export const READER_RIGHTS: ImageOptions = {
  user: `0:${USER}`,
  capabilities: ['SYS_PTRACE', 'DAC_READ_SEARCH'],
  hostPids: true,
};

const FOLDER = '/run/tenstorrent-exporter';
const SOCKET = `${FOLDER}/reader.sock`;

export interface Pair {
  /** With the rights, and no network. */
  readonly reader: StartedTestContainer;
  /** With the network, and no rights. */
  readonly exporter: StartedTestContainer;
}

/** The reader of a host and the exporter in containers of their own, which meet at a socket in a volume. */
export async function startPair(host: SimulatedHost, volume: string): Promise<Pair> {
  const volumes = { [FOLDER]: volume };
  const flags = ['reader', `--listen=${SOCKET}`, ...host.flags()];
  const ready = /reader listens/;
  const reader = await startImage({
    ...READER_RIGHTS,
    flags,
    network: 'none',
    mounts: [sameMount(host)],
    volumes,
    ready,
  });
  const exporter = await startImage({ flags: [`--reader=unix:${SOCKET}`], volumes });
  return { reader, exporter };
}

/** Both rights as the kernel counts them: CAP_DAC_READ_SEARCH is bit 2, CAP_SYS_PTRACE bit 19 (linux/capability.h). */
export const TWO_CAPABILITIES = '0000000000080004';
export const NO_CAPABILITIES = '0000000000000000';

export interface SeenRights {
  readonly user: string;
  readonly effective: string;
  readonly bounding: string;
  readonly noNewPrivileges: string;
  /** 2: a filter. */
  readonly seccomp: string;
}

/** What the kernel says of a process's rights. */
export function rightsOf(pid: number): SeenRights {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const field = (name: string): string => new RegExp(`^${name}:\\s+(\\S+)`, 'm').exec(status)?.[1] ?? '';
  return {
    user: field('Uid'),
    effective: field('CapEff'),
    bounding: field('CapBnd'),
    noNewPrivileges: field('NoNewPrivs'),
    seccomp: field('Seccomp'),
  };
}
