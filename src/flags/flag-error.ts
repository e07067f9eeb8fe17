/** A command line that cannot be followed. The message is one line: what is wrong and how to mend it. */
export class FlagError extends Error {
  override readonly name = 'FlagError';
}
