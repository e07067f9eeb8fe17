import { readFileSync } from 'node:fs';

/** A package of the lock file and what it says its licence is. */
export interface PackageLicence {
  /** `express@5.1.0`. */
  readonly name: string;
  /** Whether it comes with the product, not only with its development. */
  readonly shipped: boolean;
  /** An SPDX expression; undefined: it says none. */
  readonly licence: string | undefined;
}

interface LockEntry {
  readonly version?: string;
  readonly license?: string;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
}

/** Every package that package-lock.json names, once, by name. */
export function packageLicences(): PackageLicence[] {
  const lock = JSON.parse(readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8')) as {
    readonly packages: Readonly<Record<string, LockEntry>>;
  };
  const found = new Map<string, PackageLicence>();
  for (const [path, { version = '', license, dev, devOptional }] of Object.entries(lock.packages)) {
    if (path === '') continue;
    const name = `${path.replace(/^.*node_modules\//, '')}@${version}`;
    const shipped = dev !== true && devOptional !== true;
    found.set(name, { name, shipped: shipped || found.get(name)?.shipped === true, licence: license });
  }
  return [...found.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
}
