import { ChipNumbers } from './chip-numbers.ts';
import { Pseudonyms } from './pseudonyms.ts';

/** What stands for what in one bundle. */
export interface Redaction {
  readonly names: Pseudonyms;
  readonly chips: ChipNumbers;
}

export function newRedaction(): Redaction {
  const names = new Pseudonyms();
  return { names, chips: new ChipNumbers(names) };
}
