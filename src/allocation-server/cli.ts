#!/usr/bin/env node
import { FlagError } from '../flags/flag-error.ts';
import { createLog, errorText } from '../log/log.ts';
import type { Log } from '../log/log.ts';
import { versionText } from '../version.ts';
import { parseServerCommandLine, serverHelpText } from './flags.ts';
import type { ServerSettings } from './flags.ts';
import { findKeeping } from './handover/find-keeping.ts';
import { Keeper } from './handover/keeper.ts';
import { loadNativeDescriptors } from './native/descriptors.ts';
import { BoundedOutput } from './output/bounded-output.ts';
import { AllocationServer } from './server.ts';
import { takeInherited } from './sockets/inherited.ts';

async function main(): Promise<void> {
  const settings = understand(process.argv.slice(2));
  if (settings.help) process.stdout.write(serverHelpText());
  else if (settings.version) process.stdout.write(versionText('tt-allocation-server'));
  else await run(settings);
}

function understand(args: readonly string[]): ServerSettings {
  try {
    return parseServerCommandLine(args);
  } catch (error) {
    if (!(error instanceof FlagError)) throw error;
    process.stderr.write(`tt-allocation-server: ${error.message}\n`);
    process.exit(1);
  }
}

async function run(settings: ServerSettings): Promise<void> {
  const output = new BoundedOutput(process.stderr);
  const log = createLog({
    level: settings.logLevel,
    format: settings.logFormat,
    write: (line) => {
      output.write(line);
    },
  });
  try {
    if (settings.keeper) runKeeper(settings, log);
    else await runServer(settings, log);
  } catch (error) {
    log.error('cannot start', { error: errorText(error) });
    process.exit(1);
  }
}

function runKeeper(settings: ServerSettings, log: Log): void {
  const keeper = new Keeper(settings.socketPath, process.argv.slice(1), log);
  keeper.start();
  process.on('SIGTERM', () => {
    keeper.stop();
  });
  process.on('SIGINT', () => {
    keeper.stop();
  });
  process.on('SIGHUP', () => {
    keeper.signal('SIGHUP');
  });
  process.on('SIGUSR2', () => {
    keeper.signal('SIGTERM');
  });
}

async function runServer(settings: ServerSettings, log: Log): Promise<void> {
  const native = loadNativeDescriptors();
  if (typeof native === 'string') {
    log.info('PIDs cannot be verified: build the native part with npm run build:native', { error: native });
  }
  const loaded = typeof native === 'string' ? undefined : native;
  const inherited = takeInherited(process.env, [process.pid, process.ppid]);
  const keeping = findKeeping(process.env, inherited, loaded, log);
  const server = new AllocationServer({ settings, log, native: loaded, inherited, keeping });
  await server.start();
  endOnSignals(server, log);
}

function endOnSignals(server: AllocationServer, log: Log): void {
  let ending = false;
  const end = async (signal: string): Promise<void> => {
    if (ending) return;
    ending = true;
    log.info('ending', { signal });
    await server.stop();
    process.exit(0);
  };
  process.on('SIGTERM', (signal) => void end(signal));
  process.on('SIGINT', (signal) => void end(signal));
  process.on('SIGHUP', () => void server.reload());
}

await main();
