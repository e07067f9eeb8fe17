import { RegionWriter } from '../../../src/simulator/region-writer.ts';
import type { RegionWriterOptions } from '../../../src/simulator/region-writer.ts';
import { decodeRegion } from '../../../src/sources/shared-memory/decode.ts';
import type { DecodeOptions } from '../../../src/sources/shared-memory/decode.ts';
import { PROCESS_SLOTS } from '../../../src/sources/shared-memory/layout.ts';
import type { RegionReading } from '../../../src/sources/shared-memory/types.ts';
import type { HostProcess } from '../../../src/sources/procfs/types.ts';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brokenRegion, card, hostProcess, procfs, region } from '../../support/readings.ts';
import type { FuzzTarget } from '../engine/target.ts';
import { ByteSource } from '../oracles/byte-source.ts';
import { checkPage } from '../oracles/page.ts';

const OPTIONS: DecodeOptions = {
  maxBytes: 64 * 2 ** 30,
  clock: { epochSeconds: 1_790_000_100, monotonicSeconds: 1500 },
};
const N300_ID = 0x0000000251c0c4aan;
const N300 = card({ index: 0, arch: 'wormhole', board: 'n300', serial: 0x010001451170c0c4n, driverIndex: 0 });
const UNKNOWN_ID = 0x1234n;

/** The bytes of a region file to the page. The first byte: who holds it, and how much of /proc was seen. */
export const REGIONS: FuzzTarget = {
  name: 'regions',
  seeds: regionSeeds,
  tokens: [
    'YDER',
    '\xff\xff\xff\xff',
    '\x01\0\0\0',
    '\x02\0\0\0',
    '\x03\0\0\0',
    '\x04\0\0\0',
    'vllm "x"\n\\',
    '\xc3\x28',
  ],
  maxBytes: 9400,
  run(input) {
    const source = new ByteSource(input);
    const mode = source.byte();
    const reading = readingOf(source.rest(), (mode & 1) === 0 ? N300_ID : UNKNOWN_ID);
    checkPage({
      sysfs: { driverVersion: '2.10.0', cards: [N300] },
      sharedMemory: { regions: [reading] },
      procfs: (mode & 2) === 0 ? undefined : processesOf(reading, mode),
    });
  },
};

function readingOf(bytes: Buffer, nameId: bigint): RegionReading {
  const decoded = decodeRegion(bytes, OPTIONS);
  if (!decoded.ok) return brokenRegion(nameId, decoded.status);
  return { ...region(nameId, {}, []), region: decoded.region };
}

/** Holders of the region: each slot's own PID, or some other number of theirs on the host. */
function processesOf({ file, region: decoded }: RegionReading, mode: number) {
  const slots = decoded?.slots ?? [];
  const processes = slots.map(({ pid, name }, index): HostProcess => {
    const isInner = (mode & 4) !== 0 && index % 2 === 0;
    return hostProcess(isInner ? 1000 + index : pid, {
      comm: name.slice(0, 15),
      namespacePids: isInner ? [1000 + index, pid] : [pid],
    });
  });
  const held = processes.filter((_, index) => (mode & 8) === 0 || index % 3 !== 0).map(({ pid }) => pid);
  const pids = [...new Set(held)].sort((a, b) => a - b);
  return procfs({
    processes,
    devices: { 0: pids },
    held: file === undefined ? [] : [{ file, pids, ...((mode & 16) === 0 ? {} : { cleared: pids.slice(0, 2) }) }],
  });
}

/** A region of each layout with two processes, and one of everything odd that a writer leaves behind. */
function regionSeeds(): Buffer[] {
  const layouts: Pick<RegionWriterOptions, 'version' | 'kernelLayout' | 'padded'>[] = [
    { version: 1 },
    { version: 1, padded: true },
    { version: 1, kernelLayout: true },
    { version: 1, kernelLayout: true, padded: true },
    { version: 2 },
    { version: 3 },
    { version: 4 },
    { version: 4 },
  ];
  const folder = mkdtempSync(join(tmpdir(), 'fuzz-regions-'));
  try {
    return layouts.map((layout, index) => {
      const path = join(folder, `${index}`);
      const now = (): bigint => 1_790_000_000_000_000_000n;
      const writer = RegionWriter.open(path, { ...layout, chipId: N300_ID, deviceId: 0, now });
      // A page of a full one is longer than what gzip looks back.
      const processes = index === layouts.length - 1 ? PROCESS_SLOTS : 2;
      for (let pid = 4001; pid <= 4000 + processes; pid++) {
        writer.attach(pid, `job "${pid}"\n`);
        writer.allocate(pid, 'dram', 4096 * pid);
        writer.allocate(pid, 'l1', 512);
        writer.setCb(pid, 64);
      }
      writer.die();
      return Buffer.concat([Buffer.of(index + 2), readFileSync(path)]);
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
