import type { ReadError } from '../source.ts';

/** Fields that are counted one by one; the region of somebody who fills it with noise has 500 of them. */
const MAX_FIELDS = 16;

/** Node's code of a failed call, such as ENOENT. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** One error for each of the fields, as far as there are not too many of them; the last one then says how many more. */
export function implausibleErrors(path: string, fields: readonly string[]): ReadError[] {
  const errors = fields
    .slice(0, MAX_FIELDS)
    .map((field) => implausible(`${path}: ${field} is not believable and left out`));
  const more = fields.length - errors.length;
  if (more > 0) errors.push(implausible(`${path}: ${more} more fields are not believable and left out`));
  return errors;
}

function implausible(message: string): ReadError {
  return { reason: 'implausible_value', message };
}
