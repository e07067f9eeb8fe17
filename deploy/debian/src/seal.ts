import { createHash } from 'node:crypto';
import { chmodSync, lstatSync, lutimesSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Programs, and the scripts of the package; every other file is mode 0644. */
const EXECUTABLE = /^(?:usr\/bin\/|usr\/lib\/[^/]+\/bin\/|DEBIAN\/(?:postinst|prerm|postrm)$)/;

/** Every file below `root`, in the order of their names, relative to it. */
export function filesBelow(root: string): string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .sort();
}

/** What DEBIAN/md5sums says of these files below `root`. */
export function md5sums(root: string, files: readonly string[]): string {
  return files
    .map(
      (file) =>
        `${createHash('md5')
          .update(readFileSync(join(root, file)))
          .digest('hex')}  ${file}\n`,
    )
    .join('');
}

/** Gives every file and folder its mode and one time, so that the same contents make the same package. */
export function seal(root: string, time: Date): void {
  for (const path of ['', ...(readdirSync(root, { recursive: true }) as string[])]) {
    const file = join(root, path);
    const isFolder = lstatSync(file).isDirectory();
    chmodSync(file, isFolder || EXECUTABLE.test(path) ? 0o755 : 0o644);
    lutimesSync(file, time, time);
  }
}

/** Writes the files of DEBIAN: name and content. */
export function writeControl(root: string, contents: Readonly<Record<string, string>>): void {
  for (const [name, content] of Object.entries(contents)) writeFileSync(join(root, 'DEBIAN', name), content);
}
