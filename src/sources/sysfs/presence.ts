import { directoryId } from './directories.ts';
import type { CardLocation } from './enumerate.ts';

/**
 * Where a card is, asked again after reads of it failed as if it were gone. `removed`: the bus does not list it any
 * more; `unbound`: it does, and the driver has left it; `present`: all is where it was.
 */
export type Presence = 'removed' | 'unbound' | 'present';

export function presenceOf(location: CardLocation): Presence {
  if (directoryId(location.pciDirectory) === undefined) return 'removed';
  if (location.classDirectory !== undefined && directoryId(location.classDirectory) === undefined) return 'unbound';
  return 'present';
}
