import { messageName } from '../../protocol/messages.ts';
import { OUTCOME, reasonOf } from './outcomes.ts';
import type { Doubt } from './outcomes.ts';

/** Words that are told apart; further ones are counted together. */
const MAX_REASONS = 48;
const FURTHER = 'other';

/** Messages since the start: taken by type, refused by reason, and taken with a doubt. */
export class MessageCounts {
  readonly #taken = new Float64Array(256);
  readonly #outcomes = new Float64Array(Object.keys(OUTCOME).length);
  readonly #rejected = new Map<string, number>();
  readonly #doubts = new Map<Doubt, number>();

  /** `type`: u8. */
  taken(type: number): void {
    this.#taken[type] = (this.#taken[type] ?? 0) + 1;
  }

  outcome(outcome: number): void {
    this.#outcomes[outcome] = (this.#outcomes[outcome] ?? 0) + 1;
  }

  rejected(reason: string): void {
    const word = this.#rejected.has(reason) || this.#rejected.size < MAX_REASONS ? reason : FURTHER;
    this.#rejected.set(word, (this.#rejected.get(word) ?? 0) + 1);
  }

  doubt(doubt: Doubt): void {
    this.#doubts.set(doubt, (this.#doubts.get(doubt) ?? 0) + 1);
  }

  /** By the name of the type, where there were any. */
  messages(): Record<string, number> {
    const result: Record<string, number> = {};
    for (const [type, count] of this.#taken.entries()) {
      const name = messageName(type);
      if (count > 0 && name !== undefined) result[name] = count;
    }
    return result;
  }

  rejectedMessages(): Record<string, number> {
    const result = new Map(this.#rejected);
    for (const [outcome, count] of this.#outcomes.entries()) {
      const reason = reasonOf(outcome);
      if (count > 0 && reason !== undefined) result.set(reason, (result.get(reason) ?? 0) + count);
    }
    return Object.fromEntries(result);
  }

  doubtfulMessages(): Record<string, number> {
    return Object.fromEntries(this.#doubts);
  }
}
