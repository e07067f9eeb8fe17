import { createServer, Socket } from 'node:net';
import type { CollectorConfig } from '../collect/types.ts';
import { collectorConfig } from '../flags/collector-config.ts';
import type { Settings } from '../flags/table.ts';
import { createLog } from '../log/log.ts';
import type { Log } from '../log/log.ts';
import { VERSION } from '../version.ts';
import { atMost, endProcess } from './end-process.ts';
import { listenUnix } from './listen-unix.ts';
import type { StartMessage } from './messages.ts';
import type { PageService } from './page-service.ts';
import { ReaderSession } from './session.ts';

/** Makes the reading side. Rejects where the configuration is bad; the message is one line. */
export type ServiceFactory = (config: CollectorConfig, log: Log) => Promise<PageService>;

/** How long connections to an allocation server that still owes answers are kept at the end, in milliseconds. */
const LINGER_MS = 30_000;
/** Exporters at one reader; there is one, and its successor during an upgrade. */
const MAX_EXPORTERS = 8;

/** The reader of one exporter, which has forked it and is at the other end of the descriptor. Ends with it. */
export async function runForkedReader(fd: number, createService: ServiceFactory): Promise<never> {
  // The terminal and the service manager signal both processes: this one ends when the other one does.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
  let service: PageService | undefined;
  const stream = new Socket({ fd, readable: true, writable: true });
  const session = new ReaderSession(stream, {
    version: VERSION,
    log: createLog({ level: 'warn', format: 'logfmt' }),
    service: async (start: StartMessage) => {
      service = await createService(start.config, createLog({ level: start.logLevel, format: start.logFormat }));
      return service;
    },
  });
  await session.closed;
  await atMost(LINGER_MS, service?.close() ?? Promise.resolve());
  return endProcess(0, service?.stuck() ?? false);
}

/** The reader that was started apart, for exporters that connect to its socket. Resolves when it listens. */
export async function runListeningReader(
  path: string,
  settings: Settings,
  log: Log,
  createService: ServiceFactory,
): Promise<void> {
  const service = await createService(collectorConfig(settings), log);
  const sessions = new Set<Socket>();
  const server = createServer((socket) => {
    sessions.add(socket);
    const session = new ReaderSession(socket, { version: VERSION, log, service });
    void session.closed.then(() => sessions.delete(socket));
  });
  server.maxConnections = MAX_EXPORTERS;
  process.on('SIGHUP', () => {
    void service.reload().then((result) => {
      if (result.ok) log.info('configuration read again');
      else log.error('configuration not taken: the last good one stays', { error: result.message });
    });
  });
  const end = async (): Promise<void> => {
    server.close();
    for (const socket of sessions) socket.destroy();
    await atMost(LINGER_MS, service.close());
    await endProcess(0, service.stuck());
  };
  let ending = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (ending) {
        void endProcess(1, service.stuck());
        return;
      }
      ending = true;
      log.info('ending', { signal });
      void end();
    });
  }
  // Last: whoever is told that it listens may send a signal.
  await listenUnix(server, path, { mode: settings.readerSocketMode, group: settings.readerSocketGroup });
  log.info('reader listens', { path, version: VERSION, pid: process.pid });
}
