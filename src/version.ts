import { readFileSync } from 'node:fs';

/** Of package.json. */
export const VERSION = packageField('version') ?? '0.0.0';

/** The commit this was made from: as the package says, or in a clone what is checked out; '' where neither is there. */
export const REVISION = packageField('gitHead') ?? checkedOutCommit() ?? '';

/** The lines of `--version`. */
export function versionText(program = 'tenstorrent-exporter'): string {
  return `${program}, version ${VERSION} (revision: ${REVISION === '' ? 'unknown' : REVISION})\n  node version: ${process.version}\n`;
}

function packageField(name: string): string | undefined {
  const text = readPackageFile('package.json');
  const parsed: unknown = text === undefined ? undefined : JSON.parse(text);
  if (typeof parsed !== 'object' || parsed === null) return undefined;
  const value: unknown = Reflect.get(parsed, name);
  return typeof value === 'string' ? value : undefined;
}

function checkedOutCommit(): string | undefined {
  const head = readPackageFile('.git/HEAD')?.trim();
  const [, ref] = /^ref: (refs\/[\w./-]+)$/.exec(head ?? '') ?? [];
  const commit = ref === undefined ? head : (readPackageFile(`.git/${ref}`)?.trim() ?? packedCommit(ref));
  return commit !== undefined && /^[0-9a-f]{40,64}$/.test(commit) ? commit : undefined;
}

function packedCommit(ref: string): string | undefined {
  const lines = readPackageFile('.git/packed-refs')?.split('\n') ?? [];
  return lines.find((line) => line.endsWith(` ${ref}`))?.split(' ')[0];
}

/** A file of the package's top folder, which is the parent of both src and dist. */
function readPackageFile(name: string): string | undefined {
  try {
    return readFileSync(new URL(`../${name}`, import.meta.url), 'utf8');
  } catch {
    return undefined;
  }
}
