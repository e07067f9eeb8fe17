import { isSafePath } from './tar.ts';

/** What a driver or the kernel answered instead of a file's bytes. `blocked`: nothing, in all the time there was. */
export type FileFault = { readonly path: string } & (
  { readonly at: 'open' | 'read'; readonly code: string } | { readonly at: 'blocked' }
);

/** What no bundle has more of. A Galaxy with 2,048 processes takes a tenth. */
export const LIMITS = { files: 100_000, fileBytes: 16 * 2 ** 20, bytes: 64 * 2 ** 20 } as const;

/** The files of a bundle, and what else there is to say of paths in it. Bounded: what does not fit is said. */
export class TreeRecord {
  readonly files = new Map<string, Buffer>();
  /** Symbolic links as they were, by path. */
  readonly links = new Map<string, string>();
  readonly faults: FileFault[] = [];
  /** What is not in it and why, a line each. */
  readonly missing: string[] = [];
  #bytes = 0;

  /** Takes a file unless it is there already. */
  put(path: string, content: Buffer | string): void {
    if (this.files.has(path)) return;
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    const problem = this.#problem(path, bytes.length);
    if (problem !== undefined) {
      this.miss(problem);
      return;
    }
    this.#bytes += bytes.length;
    this.files.set(path, bytes);
  }

  #problem(path: string, bytes: number): string | undefined {
    if (!isSafePath(path)) return 'a file whose name is not plain';
    if (bytes > LIMITS.fileBytes) return `${path}: it has ${bytes} bytes`;
    const full = this.files.size >= LIMITS.files || this.#bytes + bytes > LIMITS.bytes;
    return full ? 'files that came when the bundle was full' : undefined;
  }

  link(path: string, target: string): void {
    if (isSafePath(path)) this.links.set(path, target);
  }

  miss(what: string): void {
    if (!this.missing.includes(what) && this.missing.length < 100) this.missing.push(what);
  }
}
