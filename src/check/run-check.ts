import type { Settings } from '../flags/table.ts';
import type { HostSource } from '../host-view/types.ts';
import { CommandError, EXIT } from '../terminal/exit-status.ts';
import { outputFacts } from '../terminal/output-facts.ts';
import { paint } from '../terminal/paint.ts';
import type { HostRecord } from './bundle/host-record.ts';
import { findingsOf } from './findings.ts';
import { openCheckedHost } from './gather-facts.ts';
import { checkDocument, reportLines } from './report.ts';
import { runClean } from './run-clean.ts';

/** Of the command line, which the exit code says. */
const EXIT_MISUSE = 1;

/** Runs `check` and gives its exit code: 2 where something failed. */
export async function runCheck(
  settings: Settings,
  open: (source: Pick<HostSource, 'close' | 'stuck'>) => void,
  signal: AbortSignal,
): Promise<number> {
  if (settings.clean && settings.bundleFile !== undefined) {
    throw new CommandError(EXIT_MISUSE, '--bundle is for check without --clean: leave one of them out');
  }
  if (settings.clean) return runClean(settings, open, signal);
  if (settings.baselineFile !== undefined || settings.waitSeconds > 0 || settings.devices.length > 0) {
    throw new CommandError(EXIT_MISUSE, '--baseline, --wait and --device belong to --clean: give it too');
  }
  const record = settings.bundleFile === undefined ? undefined : await newRecord();
  const host = await openCheckedHost(settings, record);
  open(host);
  const facts = await host.facts();
  const findings = findingsOf(facts);
  if (settings.json) {
    process.stdout.write(`${JSON.stringify(checkDocument(findings, facts.view.takenAtSeconds), undefined, 2)}\n`);
  } else {
    const { width, colour } = outputFacts(process.stdout, process.env, settings);
    process.stdout.write(paint(reportLines(findings, Math.min(width, 120)), colour));
  }
  if (settings.bundleFile !== undefined && record !== undefined) {
    const { writeBundle } = await import('./bundle/run-bundle.ts');
    await writeBundle(settings.bundleFile, settings, host, { facts, findings, record });
  }
  return findings.some(({ state }) => state === 'failed') ? EXIT.failed : EXIT.ok;
}

async function newRecord(): Promise<HostRecord> {
  return (await import('./bundle/host-record.ts')).createHostRecord();
}
