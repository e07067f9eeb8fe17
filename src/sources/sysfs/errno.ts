/** Whether an error of node:fs has one of these codes. */
export function isErrnoCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && codes.includes(error.code);
}

/** The code of an error of node:fs as a reason: `eacces`, `emfile`; `failed` for what has none. */
export function reasonOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? reasonOfCode(error.code)
    : 'failed';
}

/** `EACCES` as a reason: `eacces`. */
export function reasonOfCode(code: string): string {
  return code.toLowerCase().replace(/[^a-z0-9]+/g, '_');
}
