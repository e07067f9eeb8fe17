import { lstat, readFile, readlink } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { uidOfName } from './passwd.ts';

/** Whose socket is believed. */
export interface TrustRules {
  /** The exporter's own effective uid. */
  readonly ownUid: number;
  /** A further user, by name or number. */
  readonly trustedOwner: string | undefined;
  /** Where names are looked up. */
  readonly passwdPath: string;
}

/** Which file a path leads to: enough to see that it is still the same one. */
export interface SocketIdentity {
  /** Device and inode. */
  readonly file: string;
  /** Its st_ctime too: an inode's number is given to another file once it is free. */
  readonly version: string;
}

export type SocketCheck =
  | { readonly kind: 'absent' }
  | { readonly kind: 'rejected'; readonly reason: string; readonly message: string }
  | { readonly kind: 'trusted'; readonly identity: SocketIdentity };

/** As the kernel follows at most 40, and nobody needs that many. */
const MAX_SYMLINKS = 8;

/**
 * Whether the path is a socket that is believed: it, and every symlink on the way to it, belongs to root, to the
 * exporter's own user or to the trusted owner. In a directory like /tmp, where everybody may create files, whoever
 * comes first has the path. Opens nothing, sends nothing, never rejects.
 */
export async function checkSocket(path: string, rules: TrustRules): Promise<SocketCheck> {
  let at = path;
  for (let hops = 0; hops <= MAX_SYMLINKS; hops++) {
    const stats = await statLink(at);
    if (stats === undefined) return { kind: 'absent' };
    if (typeof stats === 'string') return rejected('unreadable_socket', `${at} cannot be looked at (${stats})`);
    const distrust = await whyDistrusted(at, Number(stats.uid), rules);
    if (distrust !== undefined) return rejected('untrusted_socket', distrust);
    if (stats.isSocket()) {
      const file = `${stats.dev}:${stats.ino}`;
      return { kind: 'trusted', identity: { file, version: `${file}:${stats.ctimeNs}` } };
    }
    if (!stats.isSymbolicLink()) return rejected('not_a_socket', `${at} is no socket: remove it or give another path`);
    const target = await readTarget(at);
    if (target === undefined) return { kind: 'absent' };
    at = resolve(dirname(at), target);
  }
  return rejected('not_a_socket', `${path} leads through more than ${MAX_SYMLINKS} symlinks`);
}

type LinkStats = Awaited<ReturnType<typeof lstatBig>>;

function lstatBig(path: string) {
  return lstat(path, { bigint: true });
}

/** Undefined where there is nothing; the error's code where it cannot be looked at. */
async function statLink(path: string): Promise<LinkStats | string | undefined> {
  try {
    return await lstatBig(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    return code === 'ENOENT' || code === 'ENOTDIR' ? undefined : code;
  }
}

/** Undefined where the symlink has gone meanwhile. */
async function readTarget(path: string): Promise<string | undefined> {
  try {
    return await readlink(path);
  } catch {
    return undefined;
  }
}

/** Why a file of this owner is not believed; undefined where it is. */
async function whyDistrusted(path: string, uid: number, rules: TrustRules): Promise<string | undefined> {
  if (uid === 0 || uid === rules.ownUid) return undefined;
  const problem = `${path} belongs to uid ${uid}, not to root or uid ${rules.ownUid}`;
  if (rules.trustedOwner === undefined) {
    return `${problem}: if that user runs the server, name it with --allocation-server.owner`;
  }
  const trusted = await uidOfOwner(rules.trustedOwner, rules.passwdPath);
  if (trusted === undefined) return `${problem}, and ${rules.passwdPath} has no user ${rules.trustedOwner}`;
  return uid === trusted ? undefined : `${problem} or ${rules.trustedOwner} (uid ${trusted})`;
}

async function uidOfOwner(owner: string, passwdPath: string): Promise<number | undefined> {
  if (/^[0-9]+$/.test(owner)) return Number(owner);
  try {
    return uidOfName(await readFile(passwdPath, 'utf8'), owner);
  } catch {
    return undefined;
  }
}

function rejected(reason: string, message: string): SocketCheck {
  return { kind: 'rejected', reason, message };
}
