import { createHmac, randomBytes } from 'node:crypto';
import type { BcryptThread } from './bcrypt-thread.ts';

/** What a client says it is. */
export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** Of an `Authorization` header (RFC 7617); undefined where there is none that can be read. */
export function readCredentials(header: string | undefined): Credentials | undefined {
  const [, encoded] = /^basic ([A-Za-z0-9+/]+={0,2})$/i.exec(header ?? '') ?? [];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString();
  const colon = text.indexOf(':');
  return colon === -1 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** How many refused credentials are remembered, so that a client with an old password costs little. */
const MAX_REFUSED = 100;
/** Any salt and hash: what is compared with it never counts. */
const DECOY_TAIL = 'abcdefghijklmnopqrstuu'.padEnd(53, '0');
const DECOY_COST = '10';

/**
 * Checks passwords, and remembers the results as the toolkit does. An unknown user takes as long as a known one with a
 * wrong password. Passwords themselves are not kept: what is remembered is keyed by a hash with a secret of this process.
 */
export class PasswordCheck {
  readonly #thread: BcryptThread;
  readonly #secret = randomBytes(32);
  readonly #accepted = new Set<string>();
  readonly #refused = new Set<string>();

  constructor(thread: BcryptThread) {
    this.#thread = thread;
  }

  /**
   * Whether the credentials are those of one of `users` (bcrypt hashes by name); undefined where too many wait to be
   * checked. `wanted` as of BcryptThread. Rejects where it cannot be found out.
   */
  async verify(
    users: ReadonlyMap<string, string>,
    { user, password }: Credentials,
    wanted: () => boolean = () => true,
  ): Promise<boolean | undefined> {
    const known = users.get(user);
    const hash = known ?? decoy(users);
    const key = createHmac('sha256', this.#secret)
      .update(JSON.stringify([user, hash, password]))
      .digest('base64');
    if (known !== undefined && this.#accepted.has(key)) return true;
    if (this.#refused.has(key)) return false;
    if (this.#thread.full) return undefined;
    const matches = await this.#thread.compare({ password, hash }, wanted);
    // Nobody waits: nothing was computed, so nothing is known.
    if (!matches && !wanted()) return false;
    if (matches && known !== undefined) {
      this.#accepted.add(key);
      return true;
    }
    this.#refused.add(key);
    const [oldest] = this.#refused;
    if (this.#refused.size > MAX_REFUSED && oldest !== undefined) this.#refused.delete(oldest);
    return false;
  }

  /** After a change of the users. */
  forget(): void {
    this.#accepted.clear();
    this.#refused.clear();
  }
}

/** Of the highest cost that a user has. */
function decoy(users: ReadonlyMap<string, string>): string {
  let cost = '';
  for (const hash of users.values()) {
    const [, , own = ''] = hash.split('$');
    if (own > cost) cost = own;
  }
  return `$2b$${cost === '' ? DECOY_COST : cost}$${DECOY_TAIL}`;
}
