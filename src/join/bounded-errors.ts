import type { JoinError } from './inputs.ts';

/** As many are named one by one: a tenant can make any number of them. */
const MOST_NAMED = 16;

/** An error for each of the first things that are left out, and one for all others. */
export function boundedErrors<T>(
  kind: Pick<JoinError, 'collector' | 'reason'>,
  items: readonly T[],
  messages: { readonly of: (item: T) => string; readonly more: (count: number) => string },
): JoinError[] {
  const named = items.slice(0, MOST_NAMED).map((item) => ({ ...kind, message: messages.of(item) }));
  const more = items.length - named.length;
  return more > 0 ? [...named, { ...kind, message: messages.more(more) }] : named;
}
