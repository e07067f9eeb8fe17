import type { RegionStatus } from '../../sources/shared-memory/types.ts';
import type { FileFault } from './tree-record.ts';

export const BUNDLE_FORMAT = 'tenstorrent-exporter/bundle';
/** A field is added without a new number, and taken away or changed only with one. */
export const BUNDLE_VERSION = 1;

/** Files of a bundle beside the trees `sys`, `proc`, `dev/shm` and `private-shm`. */
export const BUNDLE_FILES = {
  manifest: 'manifest.json',
  page: 'metrics.txt',
  report: 'check.json',
  document: 'server/document.json',
  capacity: 'capacity.yml',
} as const;

/** What a bundle is, and what its files do not say of themselves. */
export interface Manifest {
  readonly format: typeof BUNDLE_FORMAT;
  readonly version: number;
  readonly exporter: { readonly version: string; readonly revision: string };
  readonly node: string;
  /** `6.1.0` */
  readonly kernel: string;
  readonly arch: string;
  readonly takenAtSeconds: number;
  /** The exporter's flags that say how it is read, those with paths left out. */
  readonly flags: readonly string[];
  /** Symbolic links by path: tar programs are not trusted with them. */
  readonly links: Readonly<Record<string, string>>;
  readonly faults: readonly FileFault[];
  readonly regions: readonly BundledRegion[];
  readonly server: BundledServer;
  readonly pods: readonly BundledPod[];
  /** How many names of each kind were replaced. */
  readonly redacted: Readonly<Record<string, number>>;
  /** What is not in it, and why. */
  readonly missing: readonly string[];
}

export interface BundledRegion {
  readonly path: string;
  /** Device and inode on the host, as `maps` shows them. */
  readonly file: string | undefined;
  readonly ownerUid: number | undefined;
  /** Mount namespaces that it was found in; undefined: the host's own. */
  readonly namespaces: readonly number[] | undefined;
  readonly status: RegionStatus;
  /** `region`: its bytes are there; `file`: larger than any region, or not readable; `other`: what no region is. */
  readonly shape: 'region' | 'file' | 'other';
}

/** `silent`: nobody listens behind the socket's file. */
export interface BundledServer {
  readonly state: 'absent' | 'listens' | 'silent';
  readonly ownerUid: number | undefined;
  /** Answer to the probe, in hexadecimal: '' where none came. */
  readonly probe: string;
  /** In the order of the questions. The header before a document is left out. */
  readonly answers: readonly BundledAnswer[];
  /** The header of the document's answer: its timestamp, as a decimal number. */
  readonly documentTimestamp: string | undefined;
}

export interface BundledAnswer {
  /** Of the message that asked. */
  readonly type: number;
  readonly device: number;
  /** In hexadecimal. */
  readonly bytes: string;
}

/** A pod, or a container of it by its id, as the kubelet's folders name them. */
export interface BundledPod {
  readonly uid: string | undefined;
  readonly containerId: string | undefined;
  readonly podName: string;
  readonly podNamespace: string;
  readonly containerName: string | undefined;
}
