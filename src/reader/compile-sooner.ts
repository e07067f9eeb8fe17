import { setFlagsFromString } from 'node:v8';

/**
 * From now on the best compiler takes what is called often after some hundred calls and not some thousand, which without
 * Maglev would be some thousand scrapes. To be called once the first answer is given, for a process that starts calls much
 * that often and never again: compiled meanwhile, on a small machine that would be a third of its start. Not much later
 * either: what has been called eight times keeps the number of calls that it was given then.
 */
export function compileSooner(): void {
  setFlagsFromString('--invocation-count-for-turbofan=300');
  setFlagsFromString('--minimum-invocations-after-ic-update=100');
}
