import { writeFile } from 'node:fs/promises';
import type { Settings } from '../../flags/table.ts';
import { errorText } from '../../log/log.ts';
import { CommandError, EXIT } from '../../terminal/exit-status.ts';
import type { CheckedHost } from '../gather-facts.ts';
import type { CheckFacts, Finding } from '../types.ts';
import type { HostRecord } from './host-record.ts';
import { makeBundle } from './make-bundle.ts';
import type { Bundle } from './make-bundle.ts';

/** For what is read after the collection. */
const GATHERING_MS = 30_000;

/**
 * Writes the bundle of what was just found, and says on stderr what is in it. Rejects with CommandError where the file
 * cannot be written, or is there.
 */
export async function writeBundle(
  file: string,
  settings: Settings,
  host: CheckedHost,
  {
    facts,
    findings,
    record,
  }: { readonly facts: CheckFacts; readonly findings: readonly Finding[]; readonly record: HostRecord },
): Promise<void> {
  const snapshot = host.snapshot();
  if (snapshot === undefined) return;
  const deadlineAt = performance.now() + GATHERING_MS;
  const bundle = makeBundle({ settings, facts, findings, snapshot, record, deadlineAt });
  // Whoever made it decides who else may read it.
  await writeFile(file, bundle.bytes, { flag: 'wx', mode: 0o600 }).catch((error: unknown) => {
    throw new CommandError(EXIT.failed, `--bundle: ${errorText(error)}: give the name of a file that is not there yet`);
  });
  process.stderr.write(contents(file, bundle));
}

function contents(file: string, { bytes, files, manifest }: Bundle): string {
  const { redacted, missing, regions, server, links, faults } = manifest;
  const counts = Object.entries(redacted).map(([kind, count]) => `${count} of kind ${kind}`);
  const lines = [
    `${file}: ${files} files in ${Math.ceil(bytes.length / 1024)} KiB: what is read of sysfs and /proc, ${regions.length} regions, the allocation server's answers (${server.state}), ${Object.keys(links).length} links, ${faults.length} errors, the page, this report, versions`,
    `names replaced: ${counts.length === 0 ? 'none' : counts.join(', ')}; no command lines, environments, users or names of the host are in it`,
    'as they are: PIDs, PCI addresses, job ids, sizes, times, versions. Look into it before you pass it on: tar -tzf, tar -xzf',
    ...missing.map((what) => `not in it: ${what}`),
  ];
  return lines.map((line) => `${line}\n`).join('');
}
