/** What a server tells its keeper; the first two come with the handle of a socket. */
export type ToKeeper =
  | { readonly kind: 'keep'; readonly name: string }
  | { readonly kind: 'drop'; readonly name: string }
  | { readonly kind: 'ready' };

/** Set for a server below a keeper: the keeper's PID. */
export const KEEPER_VARIABLE = 'TT_ALLOCATION_SERVER_KEEPER';

/** A message as it came from the other process; undefined where it is none of these. */
export function readToKeeper(message: unknown): ToKeeper | undefined {
  if (typeof message !== 'object' || message === null) return undefined;
  const kind: unknown = Reflect.get(message, 'kind');
  const name: unknown = Reflect.get(message, 'name');
  if (kind === 'ready') return { kind };
  if ((kind === 'keep' || kind === 'drop') && typeof name === 'string') return { kind, name };
  return undefined;
}
