import { setFlagsFromString } from 'node:v8';

/**
 * Keeps the memory of this process, and of its threads, close to what is alive. Nothing here limits that: a host with any
 * number of processes can be read. To be called before the rest of the program is loaded: it holds for what is to come.
 *
 * The space for what is young stays at its first MB: a reading leaves a MB or two behind of which little is alive, and in
 * the 96 MB that V8 takes for such on a large host it would only lie longer. What is old is collected when the heap has
 * grown by so many percent, and not when it has doubled or more. Maglev, the compiler between the first and the best one,
 * would bring next to no speed to a program that runs for long, for 5 to 25 MB of memory in each process: the best one comes
 * sooner instead, see compileSooner().
 */
export function keepMemorySmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--heap-growing-percent=40');
  setFlagsFromString('--no-maglev');
}

/**
 * The environment for a process that reads, for glibc's malloc, which knows it from its start only. Many threads that hold
 * little share one arena; and what is large goes back to the system when it is freed, where malloc would otherwise keep
 * more and more of it once pages of some MB have come and gone.
 */
export const MALLOC_SETTINGS: Readonly<Record<string, string>> = {
  MALLOC_ARENA_MAX: '1',
  MALLOC_MMAP_THRESHOLD_: '131072',
};
