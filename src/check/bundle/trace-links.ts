import { readlinkSync } from 'node:fs';

/** As many as the kernel follows. */
const MOST_LINKS = 40;

/** Where a path really is, below the root, and the links on the way to it. */
export interface TracedPath {
  readonly path: string;
  readonly links: ReadonlyMap<string, string>;
}

/**
 * Follows the symbolic links of a path below `root`, as sysfs is made of. The last part is not followed. undefined where a
 * link leads out of the root.
 */
export function traceLinks(root: string, path: string): TracedPath | undefined {
  const links = new Map<string, string>();
  const done: string[] = [];
  const todo = path.split('/');
  for (let part = todo.shift(); part !== undefined; part = todo.shift()) {
    if (part === '' || part === '.') continue;
    if (part === '..') {
      if (done.pop() === undefined) return undefined;
      continue;
    }
    const here = [...done, part].join('/');
    const target = todo.length === 0 ? undefined : linkAt(`${root}/${here}`);
    if (target === undefined) {
      done.push(part);
      continue;
    }
    if (target.startsWith('/') || links.size >= MOST_LINKS) return undefined;
    links.set(here, target);
    todo.unshift(...target.split('/'));
  }
  return { path: done.join('/'), links };
}

function linkAt(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}
