import { posix } from 'node:path';
import { BUNDLE_FILES } from '../../check/bundle/manifest.ts';
import type { BundledAnswer, BundledPod, BundledRegion, BundledServer } from '../../check/bundle/manifest.ts';
import { isSafePath } from '../../check/bundle/tar.ts';
import type { FileFault } from '../../check/bundle/tree-record.ts';
import { DocumentError } from '../../protocol/json-fields.ts';
import type { JsonFields } from '../../protocol/json-fields.ts';

/** A host as a bundle tells of it, with nothing in it that leads elsewhere. */
export interface Replay {
  /** Below sys, proc and dev/shm, by path. */
  readonly files: ReadonlyMap<string, Buffer>;
  /** Of sysfs: relative targets within it. Of /proc: what a link's text says, or the path of a region. */
  readonly links: ReadonlyMap<string, string>;
  readonly faults: readonly FileFault[];
  readonly regions: readonly Pick<BundledRegion, 'path' | 'ownerUid' | 'status' | 'shape'>[];
  readonly server: BundledServer;
  readonly document: Buffer | undefined;
  readonly pods: readonly BundledPod[];
  readonly capacity: Buffer | undefined;
  readonly flags: readonly string[];
  /** As it was taken. */
  readonly page: string;
}

const TREES = ['sys/', 'proc/', 'dev/shm/'];
const MOST = 200_000;
const TEXT = 4096;
const HEX = /^(?:[0-9a-f]{2})*$/;
const FLAG =
  /^--(?:memory\.source=[a-z-]+|process\.detail=[a-z]+|memory\.max-processes=\d{1,9}|devices\.expected=\d{1,9}|no-collector\.[a-z_]+)$/;
const POD_NAME = /^[a-z0-9](?:[-a-z0-9.]{0,80}[a-z0-9])?$/;
const POD_ID = /^[0-9a-f-]{32,64}$/;
const LINK_TEXT =
  /^(?:mnt|pid):\[\d{1,15}\]$|^\/dev\/tenstorrent\/\d{1,4}$|^(?:dev\/shm|gone|private-shm\/\d{1,15})\/tt_device_\d{1,20}_memory$/;
const STATES = ['absent', 'listens', 'silent'] as const;
const STATUSES = ['decoded', 'unreadable', 'unsupported', 'untrusted', 'initializing'] as const;
const SHAPES = ['region', 'file', 'other'] as const;

/** Throws DocumentError where a field is not what it should be, or a path leads elsewhere. */
export function parseReplay(manifest: JsonFields, files: ReadonlyMap<string, Buffer>): Replay {
  return {
    files: new Map([...files].filter(([path]) => isInTree(path))),
    links: links(manifest),
    faults: manifest.list('faults').map(fault),
    regions: manifest
      .list('regions')
      .filter((region) => inOwnFolder(region))
      .map(region),
    server: server(manifest),
    document: files.get(BUNDLE_FILES.document),
    pods: manifest.list('pods').map(pod),
    capacity: files.get(BUNDLE_FILES.capacity),
    flags: texts(manifest, 'flags', FLAG),
    page: files.get(BUNDLE_FILES.page)?.toString('utf8') ?? '',
  };
}

function isInTree(path: string): boolean {
  return isSafePath(path) && TREES.some((tree) => path.startsWith(tree));
}

function treePath(fields: JsonFields, name: string): string {
  const path = fields.text(name, TEXT);
  if (!isInTree(path))
    throw new DocumentError(fields.path(name), `${JSON.stringify(path)} is a path that could lead elsewhere`);
  return path;
}

function links(manifest: JsonFields): ReadonlyMap<string, string> {
  const fields = manifest.optionalObject('links');
  const found = new Map<string, string>();
  for (const path of fields?.names().slice(0, MOST) ?? []) {
    const target = fields?.text(path, TEXT) ?? '';
    const stays = path.startsWith('sys/') ? staysInSysfs(path, target) : LINK_TEXT.test(target);
    if (!isInTree(path) || !stays) {
      throw new DocumentError('links', `${JSON.stringify(path)} is a link that could lead elsewhere`);
    }
    found.set(path, target);
  }
  return found;
}

function staysInSysfs(path: string, target: string): boolean {
  if (target.startsWith('/') || !/^[\x21-\x7e]+$/.test(target)) return false;
  return posix.join(posix.dirname(path), target).startsWith('sys/');
}

function fault(fields: JsonFields): FileFault {
  const path = treePath(fields, 'path');
  const at = oneOf(fields, 'at', ['open', 'read', 'blocked'] as const);
  if (at === 'blocked') return { path, at };
  const code = fields.text('code', 20);
  if (!/^E[A-Z0-9]{1,15}$/.test(code)) throw new DocumentError(fields.path('code'), 'is no error code');
  return { path, at, code };
}

/** Regions of containers are looked at by hand: their mount namespaces cannot be laid out. */
function inOwnFolder(fields: JsonFields): boolean {
  return fields.text('path', TEXT).startsWith('dev/shm/');
}

function region(fields: JsonFields): Replay['regions'][number] {
  return {
    path: treePath(fields, 'path'),
    ownerUid: fields.optionalInteger('ownerUid', 0, 2 ** 32 - 2),
    status: oneOf(fields, 'status', STATUSES),
    shape: oneOf(fields, 'shape', SHAPES),
  };
}

function server(manifest: JsonFields): BundledServer {
  const fields = manifest.optionalObject('server');
  if (fields === undefined) {
    return { state: 'absent', ownerUid: undefined, probe: '', answers: [], documentTimestamp: undefined };
  }
  const timestamp = fields.optionalText('documentTimestamp', 20);
  if (timestamp !== undefined && !/^\d{1,20}$/.test(timestamp)) {
    throw new DocumentError(fields.path('documentTimestamp'), 'is no number');
  }
  return {
    state: oneOf(fields, 'state', STATES),
    ownerUid: fields.optionalInteger('ownerUid', 0, 2 ** 32 - 2),
    probe: hex(fields, 'probe'),
    answers: fields.list('answers').map((answer): BundledAnswer => ({
      type: answer.integer('type', 0, 255),
      device: answer.integer('device', -1, 2 ** 31 - 1),
      bytes: hex(answer, 'bytes'),
    })),
    documentTimestamp: timestamp,
  };
}

function pod(fields: JsonFields): BundledPod {
  const optional = (name: string, pattern: RegExp): string | undefined =>
    fields.raw(name) === undefined ? undefined : matching(fields, name, pattern);
  return {
    uid: optional('uid', POD_ID),
    containerId: optional('containerId', POD_ID),
    podName: matching(fields, 'podName', POD_NAME),
    podNamespace: matching(fields, 'podNamespace', POD_NAME),
    containerName: optional('containerName', POD_NAME),
  };
}

function hex(fields: JsonFields, name: string): string {
  return matching(fields, name, HEX);
}

function matching(fields: JsonFields, name: string, pattern: RegExp): string {
  const text = fields.text(name, TEXT);
  if (!pattern.test(text)) throw new DocumentError(fields.path(name), `${JSON.stringify(text.slice(0, 80))} is none`);
  return text;
}

function texts(fields: JsonFields, name: string, pattern: RegExp): string[] {
  const value = fields.raw(name);
  if (!Array.isArray(value)) throw new DocumentError(fields.path(name), 'is no list');
  return value.map((item: unknown) => {
    if (typeof item === 'string' && pattern.test(item)) return item;
    throw new DocumentError(fields.path(name), `${JSON.stringify(item)} is none that is taken`);
  });
}

function oneOf<const Word extends string>(fields: JsonFields, name: string, words: readonly Word[]): Word {
  const text = fields.text(name, TEXT);
  const word = words.find((candidate) => candidate === text);
  if (word === undefined) throw new DocumentError(fields.path(name), `is not one of ${words.join(', ')}`);
  return word;
}
