import { rmSync } from 'node:fs';
import { basename } from 'node:path';
import { Deadline } from '../../../src/collect/deadline.ts';
import type { FileRequest, FileResult, Lane, LaneReader, LaneRun } from '../../../src/io/lanes.ts';
import { createSimulatedHost } from '../../../src/simulator/hosts.ts';
import type { Source } from '../../../src/sources/source.ts';
import { createSysfsSource } from '../../../src/sources/sysfs/source.ts';
import type { SysfsReading } from '../../../src/sources/sysfs/types.ts';
import { FakeLaneReader } from '../../support/fake-lane-reader.ts';
import type { FuzzTarget } from '../engine/target.ts';
import { checkPage } from '../oracles/page.ts';

const FIELD = Buffer.from([0]);
const CODES = ['ENOENT', 'ENODATA', 'ENODEV', 'EINVAL', 'E524', 'EACCES', 'EMFILE'];

/** Gives what a healthy host has, which is read once, but for the files that the input has texts of. */
class TextLanes implements LaneReader {
  texts: ReadonlyMap<string, Buffer> = new Map();
  readonly #reader = new FakeLaneReader();
  readonly #healthy = new Map<Lane, readonly FileResult[]>();

  read(lanes: readonly Lane[], signal: AbortSignal): LaneRun {
    const results = new Map(lanes.map((lane) => [lane.key, this.#resultsOf(lane, signal)]));
    return { done: Promise.resolve(), results: () => results, blocked: () => [] };
  }

  close(): Promise<void> {
    return this.#reader.close();
  }

  #resultsOf(lane: Lane, signal: AbortSignal): FileResult[] {
    const healthy = this.#healthy.get(lane) ?? this.#reader.read([lane], signal).results().get(lane.key) ?? [];
    this.#healthy.set(lane, healthy);
    return healthy.map((result, index) => this.#replaced(lane.files[index]) ?? result);
  }

  #replaced(file: FileRequest | undefined): FileResult | undefined {
    const name = basename(file?.path ?? '');
    const failure = this.texts.get(`!${name}`);
    if (failure !== undefined) return { ok: false, code: CODES[(failure[0] ?? 0) % CODES.length] ?? 'EIO' };
    const text = this.texts.get(name);
    if (file === undefined || text === undefined) return undefined;
    return { ok: true, text: text.toString('latin1', 0, file.maxBytes), truncated: text.length > file.maxBytes };
  }
}

const lanes = new TextLanes();

/**
 * What the driver's attributes say, to the page: pairs of a file's name and its text, each with a zero behind it. A name
 * with a `!` in front: the read fails, by the first letter of the text. Files that are not named are as on a healthy host.
 */
export const SYSFS_TEXTS: FuzzTarget = {
  name: 'sysfs-texts',
  seeds: () =>
    [
      { temp1_input: '65535999\n', tt_heartbeat: '4294967295\n' },
      { tt_serial: 'FFFFFFFFFFFFFFFF\n', tt_card_type: 'unknown\n', tt_asic_id: '0\n' },
      { in0_input: '742', curr1_input: '', power1_input: '-1\n', fan1_input: '\n', current_link_speed: 'Unknown\n' },
      { aer_dev_fatal: 'DLP 1\nTLP 18446744073709551615\nTOTAL_ERR_FATAL 2\n', device: '0x401e\n', '!tt_aiclk': 'b' },
      { tt_fw_bundle_ver: '255.255.255.255\n', tt_arc_fw_ver: '1.2"\\.3\n', numa_node: '-1\n', '!temp1_input': 'a' },
    ].map((texts) =>
      Buffer.from(
        Object.entries(texts)
          .map((pair) => `${pair.join('\0')}\0`)
          .join(''),
      ),
    ),
  tokens: [
    ...[
      'temp1_input',
      'temp1_max',
      'in0_input',
      'curr1_input',
      'power1_input',
      'fan1_input',
      'tt_serial',
      'tt_card_type',
    ],
    ...[
      'tt_asic_id',
      'tt_heartbeat',
      'tt_aiclk',
      'tt_therm_trip_count',
      'aer_dev_correctable',
      'current_link_speed',
      '\0',
    ],
    ...[
      'current_link_width',
      '4294967295',
      '16.0 GT/s PCIe',
      'RxErr 5\n',
      'TOTAL_ERR_COR',
      '0x',
      'unknown',
      '255.15.4095',
      '!',
    ],
  ],
  maxBytes: 2048,
  async run(input) {
    const { source } = await hostOnce();
    lanes.texts = textsOf(input);
    const deadline = Deadline.after(5000);
    const run = source.start({ deadline, wantedFiles: Promise.resolve([]) });
    await run.done;
    deadline.dispose();
    checkPage({ sysfs: run.state().data });
  },
};

let host: Promise<{ readonly source: Source<SysfsReading> }> | undefined;

/** A host with an n150, an n300 and a p150, and who reads it, for as long as this process lives. */
function hostOnce(): NonNullable<typeof host> {
  host ??= createSimulatedHost('mixed').then((made) => {
    process.once('exit', () => {
      rmSync(made.root, { recursive: true });
    });
    return { source: createSysfsSource({ path: made.sysfs, lanes }) };
  });
  return host;
}

function textsOf(input: Buffer): ReadonlyMap<string, Buffer> {
  const parts: Buffer[] = [];
  for (let at = 0, end = input.indexOf(FIELD); end >= 0; at = end + 1, end = input.indexOf(FIELD, at)) {
    parts.push(input.subarray(at, end));
  }
  const texts = new Map<string, Buffer>();
  for (let at = 0; at + 1 < parts.length; at += 2) texts.set(String(parts[at]), parts[at + 1] ?? Buffer.alloc(0));
  return texts;
}
