import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { constants } from 'node:os';

const MAPS_OR_INFO = /\/(?:maps|fdinfo\/\d+)$/;
const DESCRIPTORS = /\/fd$/;
const LINKS = /\/(?:fd\/\d+|ns\/\w+)$/;

/**
 * Folders of processes whose descriptors, mappings and namespaces may not be looked at, as procfs refuses them to who
 * may not trace the process. Permissions of a folder would not stop root.
 */
export class Denial implements Disposable {
  readonly folders = new Set<string>();
  readonly #open = fs.openSync;
  readonly #list = fs.readdirSync;
  readonly #openFolder = fs.opendirSync;
  readonly #readLink = fs.readlinkSync;

  constructor() {
    const { folders } = this;
    const open = this.#open;
    const list = this.#list;
    const openFolder = this.#openFolder;
    const readLink = this.#readLink;
    fs.openSync = (...parts) => {
      refuse(folders, parts[0], MAPS_OR_INFO);
      return open(...parts);
    };
    fs.readdirSync = ((...parts: Parameters<typeof list>) => {
      refuse(folders, parts[0], DESCRIPTORS);
      return list(...parts);
    }) as typeof list;
    fs.opendirSync = (...parts) => {
      refuse(folders, parts[0], DESCRIPTORS);
      return openFolder(...parts);
    };
    fs.readlinkSync = ((...parts: Parameters<typeof readLink>) => {
      refuse(folders, parts[0], LINKS);
      return readLink(...parts);
    }) as typeof readLink;
    syncBuiltinESMExports();
  }

  [Symbol.dispose](): void {
    fs.openSync = this.#open;
    fs.readdirSync = this.#list;
    fs.opendirSync = this.#openFolder;
    fs.readlinkSync = this.#readLink;
    syncBuiltinESMExports();
  }
}

function refuse(folders: ReadonlySet<string>, path: unknown, what: RegExp): void {
  if (folders.size === 0 || typeof path !== 'string' || !what.test(path)) return;
  for (const folder of folders) {
    if (!path.startsWith(`${folder}/`)) continue;
    const details = { errno: -constants.errno.EACCES, code: 'EACCES', syscall: 'open', path };
    throw Object.assign(new Error(`EACCES: permission denied, open '${path}'`), details);
  }
}
