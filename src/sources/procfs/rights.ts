import { statfsSync } from 'node:fs';
import { GONE, isFailure, listNumbers, readLinkText, readSmallFile } from './proc-files.ts';
import { parseEffectiveCapabilities, parseStatus } from './parse-status.ts';

/** Inode numbers that the kernel gives to the namespaces of boot (linux: include/linux/proc_ns.h). */
const INITIAL_PID_NAMESPACE = 'pid:[4026531836]';
const INITIAL_USER_NAMESPACE = 'user:[4026531837]';

/** f_type of procfs (linux: include/uapi/linux/magic.h). */
const PROC_SUPER_MAGIC = 0x9fa0;

// Bits of the capability sets (linux: include/uapi/linux/capability.h).
const CAP_DAC_OVERRIDE = 1n;
const CAP_DAC_READ_SEARCH = 2n;
const CAP_SYS_PTRACE = 19n;

/** Which processes a procfs can show at all. */
export interface ProcfsView {
  /** A procfs of the kernel, not a folder that looks like one. */
  readonly real: boolean;
  /** It shows the initial PID namespace, hence every process of the host. */
  readonly initial: boolean;
  /** This program is in a PID namespace below the one shown: the driver prints other PIDs for it than are seen here. */
  readonly nested: boolean;
  /** This program's own PID as seen there. */
  readonly ownPid: number;
}

/** Looks at `root`, which exists. Throws what statfs() throws. */
export function lookAtProcfs(root: string): ProcfsView {
  const real = statfsSync(root).type === PROC_SUPER_MAGIC;
  const self = readLinkText(`${root}/self`);
  const ownPid = isFailure(self) || !/^\d+$/.test(self) ? process.pid : Number(self);
  return { real, initial: showsInitialNamespace(root, real), nested: real && isNested(root), ownPid };
}

/**
 * Whether `root` shows the initial PID namespace. `1/ns/pid` says so, but reading it takes rights over process 1. `self`
 * needs none, and a process of the initial namespace is seen in no other's procfs.
 */
function showsInitialNamespace(root: string, real: boolean): boolean {
  const first = readLinkText(`${root}/1/ns/pid`);
  if (first === INITIAL_PID_NAMESPACE) return true;
  if (real) return readLinkText(`${root}/self/ns/pid`) === INITIAL_PID_NAMESPACE;
  // A folder made for a test or a simulated host has all the processes that there are.
  return first === GONE;
}

function isNested(root: string): boolean {
  const status = readSmallFile(`${root}/self/status`);
  // A procfs of a namespace beside or below this one does not show this program at all.
  if (isFailure(status)) return true;
  return (parseStatus(status.toString())?.namespacePids.length ?? 1) > 1;
}

/**
 * The PIDs that `root` lists, and whether those are all. Mounted with hidepid, procfs leaves out without a word what this
 * program may not trace: whoever sees process 1, which has every right, sees the others.
 */
export function listProcesses(
  root: string,
  view: ProcfsView,
): { readonly pids: readonly number[]; readonly all: boolean } {
  const pids = listNumbers(root);
  if (isFailure(pids)) return { pids: [], all: false };
  return { pids, all: !view.real || pids.includes(1) };
}

/** What decides over the rights of this program, apart so that it can be tested. */
export interface RightsFacts {
  readonly view: ProcfsView;
  /** Zeros were seen among the driver's PIDs. */
  readonly invisibleHolders: boolean;
  /** CapEff; undefined where it could not be read. */
  readonly capabilities: bigint | undefined;
  /** Capabilities count for nothing over processes of the host where the user namespace is not the initial one. */
  readonly initialUserNamespace: boolean;
}

/** The rights that a complete scan needs and this program lacks. Root may lack them too: the capabilities decide. */
export function missingRights(facts: RightsFacts): readonly string[] {
  const missing: string[] = [];
  if (!facts.view.initial || facts.view.nested || facts.invisibleHolders) missing.push('host_pid_namespace');
  if (facts.capabilities === undefined) return missing;
  const effective = facts.initialUserNamespace ? facts.capabilities : 0n;
  if (!has(effective, CAP_SYS_PTRACE)) missing.push('CAP_SYS_PTRACE');
  // Either of the two opens the folder of another user's descriptors.
  if (!has(effective, CAP_DAC_READ_SEARCH) && !has(effective, CAP_DAC_OVERRIDE)) missing.push('CAP_DAC_READ_SEARCH');
  return missing;
}

/** This program's own capabilities, which are in the real /proc wherever the processes are looked for. */
export function ownCapabilities(): Pick<RightsFacts, 'capabilities' | 'initialUserNamespace'> {
  const status = readSmallFile('/proc/self/status');
  const namespace = readLinkText('/proc/self/ns/user');
  return {
    capabilities: isFailure(status) ? undefined : parseEffectiveCapabilities(status.toString()),
    initialUserNamespace: isFailure(namespace) || namespace === INITIAL_USER_NAMESPACE,
  };
}

function has(capabilities: bigint, capability: bigint): boolean {
  return ((capabilities >> capability) & 1n) === 1n;
}
