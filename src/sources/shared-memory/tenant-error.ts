import type { ReadError } from '../source.ts';

/** Why something of a tenant's is not looked at. */
export class TenantError extends Error {
  readonly reason: string;

  constructor(reason: string, message: string) {
    super(message);
    this.reason = reason;
  }

  toReadError(): ReadError {
    return { reason: this.reason, message: this.message };
  }
}
