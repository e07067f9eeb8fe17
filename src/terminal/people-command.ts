import type { Settings } from '../flags/table.ts';
import { runCommand } from './run-command.ts';
import type { HostCommand } from './run-command.ts';

/** The commands whose answer is for people. */
export type PeopleCommand = 'smi' | 'top' | 'check';

type SettingsCommand = (settings: Settings, ...rest: Parameters<HostCommand>) => Promise<number>;

/** Runs the command, then ends this process with its exit code. */
export async function runPeopleCommand(name: PeopleCommand, settings: Settings): Promise<never> {
  const command = await load(name);
  return runCommand(name, (open, signal) => command(settings, open, signal));
}

async function load(name: PeopleCommand): Promise<SettingsCommand> {
  switch (name) {
    case 'smi':
      return (await import('../smi/run-smi.ts')).runSmi;
    case 'top':
      return (await import('../top/run-top.ts')).runTop;
    case 'check':
      return (await import('../check/run-check.ts')).runCheck;
  }
}
