import { readFile, stat } from 'node:fs/promises';

/** Names of users from a file like /etc/passwd, read again when it has changed. */
export class UserNames {
  readonly #path: string;
  #names: ReadonlyMap<number, string> = new Map();
  #version = '';

  constructor(path: string) {
    this.#path = path;
  }

  /** By uid; empty where the file cannot be read, as in an image without users. */
  async read(): Promise<ReadonlyMap<number, string>> {
    try {
      const { mtimeMs, size, ino } = await stat(this.#path);
      const version = `${mtimeMs} ${size} ${ino}`;
      if (version !== this.#version) {
        this.#names = parseUserNames(await readFile(this.#path, 'utf8'));
        this.#version = version;
      }
    } catch {
      this.#names = new Map();
      this.#version = '';
    }
    return this.#names;
  }
}

/**
 * Names by uid, from the text of /etc/passwd (passwd(5): name, password, uid, …, separated by colons). Of several with
 * one uid the first counts, as for getpwuid(3). A name that is not printable or is very long is left out.
 */
export function parseUserNames(text: string): Map<number, string> {
  const names = new Map<number, string>();
  for (const line of text.split('\n')) {
    const [name = '', , uid = ''] = line.split(':');
    if (!/^[\x21-\x7e]{1,64}$/.test(name) || !/^\d{1,10}$/.test(uid) || names.has(Number(uid))) continue;
    names.set(Number(uid), name);
  }
  return names;
}
