import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const NATIVE = fileURLToPath(new URL('../../../native/', import.meta.url));
const APPLICATION = fileURLToPath(new URL('application.c', import.meta.url));

/** Builds the native part if it is older than its source. */
export function buildNative(): void {
  if (isNewer(join(NATIVE, 'descriptors.node'), join(NATIVE, 'descriptors.c'))) return;
  execFileSync('sh', [join(NATIVE, 'build.sh')], { stdio: 'inherit', env: withNode() });
}

/** The path of the program application.c, built. */
export function buildApplication(): string {
  const folder = join(tmpdir(), `tt-application-${process.getuid?.() ?? 0}`);
  const program = join(folder, 'application');
  if (isNewer(program, APPLICATION)) return program;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const made = `${program}.${process.pid}`;
  execFileSync('cc', ['-O1', '-Wall', '-Werror', '-pthread', '-o', made, APPLICATION], { stdio: 'inherit' });
  renameSync(made, program);
  return program;
}

function isNewer(made: string, source: string): boolean {
  return existsSync(made) && statSync(made).mtimeMs >= statSync(source).mtimeMs;
}

/** The PATH of this process may have another Node.js first. */
function withNode(): NodeJS.ProcessEnv {
  return {
    ...process.env,
    PATH: `${fileURLToPath(new URL('.', `file://${process.execPath}`))}:${process.env['PATH']}`,
  };
}
