import { codeOf, messageOf } from './region-errors.ts';
import { TenantError } from './tenant-error.ts';
import type { ReadError } from '../source.ts';

/** Errors that one namespace may cause to be counted and logged in a run. */
const MAX_ERRORS = 8;

/** What is wrong with one process's /dev/shm or descriptors. */
export function privateError(path: string, error: unknown): ReadError {
  if (error instanceof TenantError) return error.toReadError();
  const code = codeOf(error);
  if (code === 'ENOTDIR' || code === 'ELOOP') {
    return { reason: 'untrusted', message: `${path}/root/dev/shm is not looked into: a link is in its way` };
  }
  return { reason: 'io_error', message: `${path} cannot be looked into: ${messageOf(error)}` };
}

/** What is not seen for want of rights; `denied`: folders of processes. */
export function deniedErrors(denied: ReadonlySet<string>): ReadError[] {
  const [first] = denied;
  if (first === undefined) return [];
  const message = `${first} and ${denied.size - 1} more processes that hold a device may not be looked into, so regions in a /dev/shm of their own are not seen: give the exporter CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH`;
  return [{ reason: 'denied', message }];
}

export function blockedError(namespace: number): ReadError {
  const message = `mount namespace ${namespace}: its /dev/shm does not answer, so its regions are left out until it does`;
  return { reason: 'blocked', message };
}

/** As many as one namespace may cause, the rest in one. */
export function limited(errors: readonly ReadError[], namespace: number): ReadError[] {
  const kept = errors.slice(0, MAX_ERRORS);
  const more = errors.length - kept.length;
  if (more > 0) {
    kept.push({ reason: 'more_errors', message: `mount namespace ${namespace}: ${more} more things are wrong there` });
  }
  return kept;
}
