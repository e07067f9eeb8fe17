#!/usr/bin/env node
import { FlagError } from './flags/flag-error.ts';
import { helpText } from './flags/help.ts';
import { parseCommandLine } from './flags/parse.ts';
import type { CommandLine } from './flags/parse.ts';
import type { Settings } from './flags/table.ts';
import type { Exporter } from './http/run-exporter.ts';
import { createLog, errorText } from './log/log.ts';
import type { Log } from './log/log.ts';
import type { OwnMetrics } from './metrics/prom-client/own-metrics.ts';
import type { Otel } from './otel/create-otel.ts';
import { readPushSettings } from './otel/environment.ts';
import { compileSooner } from './reader/compile-sooner.ts';
import { endProcess } from './reader/end-process.ts';
import { keepMemorySmall } from './reader/memory.ts';
import { wantPoolThreads } from './reader/pool-threads.ts';
import type { ServiceFactory } from './reader/run-reader.ts';
import type { Reader } from './reader/types.ts';
import type { PeopleCommand } from './terminal/people-command.ts';
import { REVISION, VERSION, versionText } from './version.ts';
import type { WebSecurity } from './web-config/web-security.ts';

async function main(): Promise<void> {
  const commandLine = understand(process.argv.slice(2));
  const { settings, command } = commandLine;
  if (settings.help) process.stdout.write(helpText(command));
  else if (settings.version) process.stdout.write(versionText());
  else await run(commandLine);
}

function understand(args: readonly string[]): CommandLine {
  try {
    return parseCommandLine(args);
  } catch (error) {
    if (!(error instanceof FlagError)) throw error;
    process.stderr.write(`tenstorrent-exporter: ${error.message}\n`);
    process.exit(1);
  }
}

async function run({ command, settings }: CommandLine): Promise<void> {
  if (command.name !== '' || settings.reader.kind === 'inline') wantPoolThreads();
  const log = createLog({ level: settings.logLevel, format: settings.logFormat });
  process.on('uncaughtException', (error) => {
    log.error('unexpected error: ending', { error, stack: error.stack });
    void endProcess(1, false);
  });
  try {
    if (command.name === 'reader') await runReader(settings, log);
    else if (command.name === '') await runHttp(settings, log);
    else await runForPeople(command.name, settings);
  } catch (error) {
    log.error('cannot start', { error: errorText(error) });
    await endProcess(1, false);
  }
}

async function runReader(settings: Settings, log: Log): Promise<void> {
  keepMemorySmall();
  const { createLaneReader } = await import('./io/lane-reader.ts');
  const lanes = createLaneReader();
  // Its thread starts while the rest is loaded.
  lanes.warmUp();
  const { runForkedReader, runListeningReader } = await import('./reader/run-reader.ts');
  const { createPageService } = await import('./reader/service.ts');
  const createService: ServiceFactory = (config, ownLog) =>
    createPageService(config, ownLog, { lanes, onFirstAnswer: compileSooner });
  const { readerListen } = settings;
  if (readerListen?.kind === 'descriptor') await runForkedReader(readerListen.fd, createService);
  else if (readerListen?.kind === 'unix') {
    await runListeningReader(readerListen.path, settings, log, createService);
  }
}

/** What it needs is loaded only here, so that the exporter does not pay for it. */
async function runForPeople(name: PeopleCommand, settings: Settings): Promise<void> {
  const { runPeopleCommand } = await import('./terminal/people-command.ts');
  await runPeopleCommand(name, settings);
}

async function runHttp(settings: Settings, log: Log): Promise<void> {
  keepMemorySmall();
  const { createReader } = await import('./reader/create-reader.ts');
  const reader = await createReader(settings, log);
  const exporter = startHttp(settings, log, reader);
  endOnSignals(log, reader, exporter);
  await exporter;
  // One that reads itself has the most to do before its first answer.
  if (settings.reader.kind !== 'inline') compileSooner();
}

async function startHttp(settings: Settings, log: Log, reader: Reader): Promise<Exporter> {
  const { runExporter } = await import('./http/run-exporter.ts');
  const { createOwnMetrics } = await import('./metrics/prom-client/own-metrics.ts');
  const own = createOwnMetrics(VERSION, REVISION, { processMetrics: !settings.disableExporterMetrics });
  const web = await openWeb(settings, log, (successful) => {
    own.setReload(successful, Date.now() / 1000);
  });
  const loadEncoder = async () => new (await import('./metrics/encode/page-encoder.ts')).PageEncoder();
  const otel = await startOtel(settings, log, reader, own);
  return runExporter(settings, { reader, own, loadEncoder, log, otel, web });
}

/** undefined where no flag asks for it. */
async function openWeb(
  { webConfigFile: file }: Settings,
  log: Log,
  onReload: (successful: boolean) => void,
): Promise<WebSecurity | undefined> {
  if (file === undefined) return undefined;
  const { openWebSecurity } = await import('./web-config/web-security.ts');
  return openWebSecurity({ file, log, onReload });
}

/** undefined where neither a flag nor a variable asks for it: its libraries are then not loaded. */
async function startOtel(
  { otelPrometheusPath }: Settings,
  log: Log,
  reader: Reader,
  own: OwnMetrics,
): Promise<Otel | undefined> {
  const push = readPushSettings(process.env);
  if (push === undefined && otelPrometheusPath === undefined) return undefined;
  const { createOtel } = await import('./otel/create-otel.ts');
  const pushes = push === undefined ? undefined : own.addPushes();
  const onRequest = (successful: boolean): void => pushes?.observe(successful, Date.now() / 1000);
  return createOtel({ reader, log, push, env: process.env, onRequest });
}

function endOnSignals(log: Log, reader: Reader, starting: Promise<Exporter>): void {
  let exporter: Exporter | undefined;
  starting.then(
    (started) => {
      exporter = started;
    },
    // It is told where the start is waited for.
    () => undefined,
  );
  process.on('SIGHUP', () => void exporter?.reload());
  let ending = false;
  const end = async (signal: string): Promise<void> => {
    if (ending) await endProcess(1, reader.stuck());
    ending = true;
    log.info('ending', { signal });
    await exporter?.stop();
    await endProcess(0, reader.stuck());
  };
  process.on('SIGTERM', (signal) => void end(signal));
  process.on('SIGINT', (signal) => void end(signal));
}

await main();
