/** What the commands for people end with. 1, for flags that are wrong, comes from the command line's reader. */
export const EXIT = {
  ok: 0,
  /** Nothing could be read, or for `check`: something does not work. */
  failed: 2,
  /** There is no such chip, or none at all. */
  noChip: 3,
} as const;

/** A command that cannot go on. The message is one line. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly exitCode: number;

  constructor(exitCode: number, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}
