import type { Settings } from '../flags/table.ts';
import { runCommand } from './run-command.ts';

/** The commands whose answer is for people. */
export type PeopleCommand = 'smi';

/** Runs the command, then ends this process with its exit code. */
export async function runPeopleCommand(name: PeopleCommand, settings: Settings): Promise<never> {
  const { runSmi } = await import('../smi/run-smi.ts');
  return runCommand(name, (open, signal) => runSmi(settings, open, signal));
}
