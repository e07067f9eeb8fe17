import type { HostSource } from '../host-view/types.ts';
import { atMost, endProcess } from '../reader/end-process.ts';
import { CommandError } from './exit-status.ts';

/** What has to be let go of at the end. */
type OpenedHost = Pick<HostSource, 'close' | 'stuck'>;

/** A command for people: gives its exit code, and tells of the host that it reads. */
export type HostCommand = (open: (source: OpenedHost) => void, signal: AbortSignal) => Promise<number>;

/**
 * How long connections to an allocation server that still owes answers are kept at the end, in milliseconds: closing one
 * before can kill a stock server.
 */
const LINGER_MS = 30_000;

/** Runs it, then ends this process. Ctrl-C ends it in order. */
export async function runCommand(name: string, command: HostCommand): Promise<never> {
  const ending = new AbortController();
  const end = (): void => {
    ending.abort();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end);
  // Whoever reads the output may go away, as head does.
  process.stdout.on('error', () => void endProcess(0, false));
  let source: OpenedHost | undefined;
  const open = (opened: OpenedHost): void => {
    source = opened;
  };
  const code = await command(open, ending.signal).catch((error: unknown) => {
    if (!(error instanceof CommandError)) throw error;
    process.stderr.write(`tenstorrent-exporter ${name}: ${error.message}\n`);
    return error.exitCode;
  });
  const stuck = source?.stuck() ?? false;
  await written();
  await atMost(stuck ? 0 : LINGER_MS, source?.close() ?? Promise.resolve());
  return endProcess(code, stuck || (source?.stuck() ?? false));
}

/** A pipe takes long answers in parts: ending before would cut them. */
function written(): Promise<void> {
  return new Promise((resolve) => {
    process.stdout.write('', () => {
      resolve();
    });
  });
}
