import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildPackage } from '../../../deploy/debian/src/build-package.ts';
import { ownArchitecture } from '../../../deploy/debian/src/node-runtime.ts';

export const RELEASE_DATE = new Date('2026-01-02T03:04:05Z');

export interface BuiltPackage {
  readonly file: string;
  readonly remove: () => void;
}

/** The package of this source, made now. */
export function builtPackage(): BuiltPackage {
  const out = mkdtempSync(join(tmpdir(), 'tt-package-'));
  const maintainer = 'A Tester <tester@example.org>';
  const file = buildPackage({ architecture: ownArchitecture(), out, date: RELEASE_DATE, maintainer });
  return {
    file,
    remove: () => {
      rmSync(out, { recursive: true });
    },
  };
}
