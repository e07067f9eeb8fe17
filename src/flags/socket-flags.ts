import { FlagError } from './flag-error.ts';
import { optionalFlag, valueFlag } from './flag.ts';
import type { Flag, FlagGroup } from './flag.ts';
import { parseUser } from './values.ts';

interface SocketModeText {
  readonly group: FlagGroup;
  readonly defaultText: string;
  /** What those who may write to the socket may do: `ask`. */
  readonly allows: string;
}

/** The flag for the mode of a Unix socket that a program makes. */
export function socketModeFlag({ group, defaultText, allows }: SocketModeText): Flag<number> {
  const help = `The socket's mode in octal: whoever may write to it may ${allows}.`;
  return valueFlag({ name: 'socket.mode', group, placeholder: 'MODE', defaultText, help }, parseMode);
}

/** The flag for its group; a program that is not root gives it to groups only of which its user is a member. */
export function socketGroupFlag(group: FlagGroup): Flag<string | undefined> {
  const help = "The socket's group, by name or number.";
  return optionalFlag({ name: 'socket.group', group, placeholder: 'GROUP', help }, parseUser);
}

function parseMode(text: string): number {
  if (!/^0?[0-7]{3}$/.test(text)) throw new FlagError(`"${text}" is not a mode: give three octal digits, as in 0660`);
  return Number.parseInt(text, 8);
}
