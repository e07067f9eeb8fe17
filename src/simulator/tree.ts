import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** One entry of a folder tree; `path` is relative to the tree's root. A folder is only named where it stays empty. */
export type TreeEntry =
  | { readonly kind: 'file'; readonly path: string; readonly text: string }
  | { readonly kind: 'link'; readonly path: string; readonly target: string }
  | { readonly kind: 'folder'; readonly path: string };

export function file(path: string, text: string): TreeEntry {
  return { kind: 'file', path, text };
}

export function link(path: string, target: string): TreeEntry {
  return { kind: 'link', path, target };
}

export function folder(path: string): TreeEntry {
  return { kind: 'folder', path };
}

/** Writes entries below `root`, with the folders they need. For new trees: a file that is read already is updated in place instead. */
export function writeTree(root: string, entries: readonly TreeEntry[]): void {
  for (const entry of entries) {
    const path = join(root, entry.path);
    mkdirSync(entry.kind === 'folder' ? path : dirname(path), { recursive: true });
    if (entry.kind === 'file') writeFileSync(path, entry.text);
    if (entry.kind === 'link') symlinkSync(entry.target, path);
  }
}

/** Every entry below `root` as one line, sorted: `path = text`, `path -> target`, `path/` for an empty folder. */
export function listTree(root: string, below = ''): string[] {
  return readdirSync(join(root, below))
    .sort()
    .flatMap((name) => {
      const path = below === '' ? name : `${below}/${name}`;
      const status = lstatSync(join(root, path));
      if (status.isSymbolicLink()) return [`${path} -> ${readlinkSync(join(root, path))}`];
      if (!status.isDirectory()) return [`${path} = ${describeText(readFileSync(join(root, path), 'utf8'))}`];
      const inner = listTree(root, path);
      return inner.length === 0 ? [`${path}/`] : inner;
    });
}

/** The line without its newline; JSON where it is anything else than one line. */
function describeText(text: string): string {
  return /^[^\n]+\n$/.test(text) ? text.slice(0, -1) : JSON.stringify(text);
}
