import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { collectorConfig } from '../flags/collector-config.ts';
import type { Settings } from '../flags/table.ts';
import { localHost } from '../host-view/local-host.ts';
import { readHost } from '../host-view/open-host.ts';
import type { HostSource, HostView } from '../host-view/types.ts';
import { errorText } from '../log/log.ts';
import { CommandError, EXIT } from '../terminal/exit-status.ts';
import { NO_BASELINE, parseBaseline } from './baseline.ts';
import type { Baseline } from './baseline.ts';
import { CLEAN_EXIT, cleanVerdict } from './clean-verdict.ts';
import type { CleanVerdict } from './clean-verdict.ts';

/** Of the document; a field is added without a new number, and taken away or changed only with one. */
const CLEAN_DOCUMENT_VERSION = 1;

const PAUSE_MS = 500;

/** Runs `check --clean` and gives its exit code. */
export async function runClean(
  settings: Settings,
  open: (source: HostSource) => void,
  signal: AbortSignal,
): Promise<number> {
  const baseline = await readBaseline(settings.baselineFile);
  // Every process counts, however many there are.
  const config = { ...collectorConfig(settings), maxProcesses: 0, processDetail: 'pid' as const };
  const source = await localHost(config, settings.readTimeoutSeconds * 1000).catch((error: unknown) => {
    throw new CommandError(EXIT.failed, errorText(error).split('\n')[0] ?? '');
  });
  open(source);
  const until = performance.now() + settings.waitSeconds * 1000;
  for (;;) {
    const view = await readHost(source, settings.devices);
    const verdict = cleanVerdict(view, baseline);
    if (verdict.status === 'clean' || performance.now() >= until || signal.aborted) {
      process.stdout.write(settings.json ? documentText(view, verdict) : verdictText(verdict));
      return CLEAN_EXIT[verdict.status];
    }
    await pause(PAUSE_MS, undefined, { signal }).catch(() => undefined);
  }
}

async function readBaseline(file: string | undefined): Promise<Baseline> {
  if (file === undefined) return NO_BASELINE;
  try {
    return parseBaseline(await readFile(file, 'utf8'));
  } catch (error) {
    throw new CommandError(EXIT.failed, `--baseline: ${file}: ${errorText(error)}`);
  }
}

function verdictText({ status, reasons }: CleanVerdict): string {
  if (status === 'clean') return 'clean: nobody holds a chip, and no bytes are charged\n';
  return reasons.map((reason) => `${reason.status}: ${reason.text}\n`).join('');
}

/** As schemas/clean-1.json describes it. */
function documentText(view: HostView, { status, reasons }: CleanVerdict): string {
  const document = {
    schema: 'tenstorrent-exporter/clean',
    schema_version: CLEAN_DOCUMENT_VERSION,
    taken_at_seconds: view.takenAtSeconds,
    status,
    reasons: reasons.map(({ status: why, device, pid, bytes, text }) => ({
      ...{ status: why, device: device ?? null, pid: pid ?? null, bytes: bytes ?? null, text },
    })),
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}
