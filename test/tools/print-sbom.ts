import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface Lock {
  packages: Record<string, { dev?: boolean; devDependencies?: object }>;
}

// What is shipped, as CycloneDX. "npm sbom --omit dev" alone also leaves out what development uses too.
const top = new URL('../../', import.meta.url);
const manifest = JSON.parse(readFileSync(new URL('package.json', top), 'utf8')) as { devDependencies?: object };
const lock = JSON.parse(readFileSync(new URL('package-lock.json', top), 'utf8')) as Lock;
delete manifest.devDependencies;
delete lock.packages['']?.devDependencies;
lock.packages = Object.fromEntries(Object.entries(lock.packages).filter(([, { dev }]) => dev !== true));
const folder = mkdtempSync(join(tmpdir(), 'sbom-'));
try {
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(lock));
  const flags = ['sbom', '--package-lock-only', '--sbom-format', 'cyclonedx'];
  execFileSync('npm', flags, { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'] });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
