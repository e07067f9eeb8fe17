import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { Deadline } from '../../../src/collect/deadline.ts';
import { FakeProc } from '../../../src/simulator/fake-proc.ts';
import { attachMarkOf } from '../../../src/sources/shared-memory/fingerprint.ts';
import { decodeDevice } from '../../../src/sources/procfs/device-number.ts';
import type { HostProcess, ProcfsReading } from '../../../src/sources/procfs/types.ts';
import type { Source, SourceState, WantedFile } from '../../../src/sources/source.ts';

/** A folder on tmpfs, where device numbers in maps are those of stat(). */
export function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'procfs-test-'));
  t.after(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

export function fakeProc(t: TestContext): FakeProc {
  return new FakeProc(join(temporaryFolder(t), 'proc'));
}

/** A file as the region source would name it, with its place on the device. */
export interface TestRegion {
  readonly path: string;
  readonly key: string;
  readonly major: number;
  readonly minor: number;
  readonly ino: number;
  wanted(fingerprint: string, ...writerPids: number[]): WantedFile;
}

export function testRegion(t: TestContext, name = 'tt_device_7_memory'): TestRegion {
  const path = join(temporaryFolder(t), name);
  writeFileSync(path, Buffer.alloc(64));
  const { dev, ino } = statSync(path);
  const wanted = (fingerprint: string, ...writerPids: number[]) =>
    wantedFile({
      file: { dev, ino },
      fingerprint,
      attachMark: attachMarkOf(statSync(path).ctimeMs, Date.now()),
      writerPids,
    });
  return { path, key: `${dev}:${ino}`, ...decodeDevice(dev), ino, wanted };
}

/** With writers who write whenever the file changes. */
export function wantedFile(part: Omit<WantedFile, 'writerMark'>): WantedFile {
  return { ...part, writerMark: () => part.fingerprint };
}

/** One whole run. */
export async function runSource(
  source: Source<ProcfsReading>,
  wanted: readonly WantedFile[] = [],
  milliseconds = 20_000,
): Promise<SourceState<ProcfsReading>> {
  const deadline = Deadline.after(milliseconds);
  const run = source.start({ deadline, wantedFiles: Promise.resolve(wanted) });
  await run.done;
  deadline.dispose();
  return run.state();
}

/** What a run read, for tests where it must have read something. */
export async function readSource(
  source: Source<ProcfsReading>,
  wanted: readonly WantedFile[] = [],
): Promise<ProcfsReading> {
  const { data } = await runSource(source, wanted);
  if (data === undefined) throw new Error('nothing was read');
  return data;
}

/** What FakeProc's ordinary process is read as. */
export function plainProcess(pid: number, differences: Partial<HostProcess> = {}): HostProcess {
  return {
    pid,
    parentPid: 1,
    startTimeSeconds: 1_700_000_050,
    comm: 'job',
    namespacePids: [pid],
    mountNamespace: undefined,
    uid: 1000,
    cgroup: { unit: undefined, containerId: undefined, podUid: undefined, slurmJobId: undefined },
    ...differences,
  };
}
