import type { HostSource } from '../host-view/types.ts';
import { atMost, endProcess } from '../reader/end-process.ts';
import { CommandError, EXIT } from './exit-status.ts';

/** What has to be let go of at the end. */
type OpenedHost = Pick<HostSource, 'close' | 'stuck'>;

/** A command for people: gives its exit code, and tells of the host that it reads. */
export type HostCommand = (open: (source: OpenedHost) => void, signal: AbortSignal) => Promise<number>;

/**
 * How long connections to an allocation server that still owes answers are kept at the end, in milliseconds: closing one
 * before can kill a stock server.
 */
const LINGER_MS = 30_000;
/** After this time whoever waits for the prompt is told why. */
const NOTICE_MS = 1000;
/** Why a command was ended whose output nobody reads any more. */
const UNREAD = 'unread';

/** Runs it, then ends this process. Ctrl-C ends it in order, and so does a reader of the output that has gone away. */
export async function runCommand(name: string, command: HostCommand): Promise<never> {
  const ending = new AbortController();
  const end = (): void => {
    ending.abort();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end);
  // Whoever reads the output may go away, as head does.
  process.stdout.on('error', () => {
    ending.abort(UNREAD);
  });
  process.stderr.on('error', () => undefined);
  let source: OpenedHost | undefined;
  const open = (opened: OpenedHost): void => {
    source = opened;
  };
  const code = await command(open, ending.signal).catch((error: unknown) => {
    if (!(error instanceof CommandError)) throw error;
    process.stderr.write(`tenstorrent-exporter ${name}: ${error.message}\n`);
    return error.exitCode;
  });
  await written();
  if (source !== undefined) await letGo(name, source);
  return endProcess(ending.signal.reason === UNREAD ? EXIT.ok : code, source?.stuck() ?? false);
}

/** Waits also where a read is blocked: the connections know nothing of it. */
async function letGo(name: string, source: OpenedHost): Promise<void> {
  const notice = setTimeout(() => {
    const seconds = LINGER_MS / 1000;
    process.stderr.write(
      `tenstorrent-exporter ${name}: waiting for the allocation server's answer, for ${seconds} s at most: one that is sent to nobody can end the server\n`,
    );
  }, NOTICE_MS);
  await atMost(LINGER_MS, source.close());
  clearTimeout(notice);
}

/** A pipe takes long answers in parts: ending before would cut them. */
function written(): Promise<void> {
  return new Promise((resolve) => {
    process.stdout.write('', () => {
      resolve();
    });
  });
}
