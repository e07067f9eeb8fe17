import assert from 'node:assert/strict';
import { viewOfPage } from '../../../src/host-view/from-page.ts';
import { PageError, readPage } from '../../../src/host-view/page-samples.ts';
import { smiScreen } from '../../../src/smi/screen.ts';
import { ASCII_GLYPHS } from '../../../src/terminal/glyphs.ts';
import { parseExposition } from '../../support/exposition-parser.ts';
import type { FuzzTarget } from '../engine/target.ts';
import { checkPage } from '../oracles/page.ts';
import { unlessRefused } from '../oracles/refusal.ts';
import { card, memory, procfs, hostProcess, region, slot } from '../../support/readings.ts';

const WIDTH = 120;

/** The page that `smi --from URL` reads, to its screen. */
export const REMOTE_PAGE: FuzzTarget = {
  name: 'remote-page',
  seeds: () => [Buffer.from(goodPage())],
  tokens: [
    ...[
      'tt_device_info{',
      'device="0"',
      'pid="1"',
      'tt_dram_allocated_bytes',
      '} 1\n',
      'NaN',
      '+Inf',
      '# HELP ',
      '# TYPE ',
      '\n',
    ],
    ...['\\n', '\\"', '\\\\', ' 1790000000 # {a="b"} 1', 'tt_device_state{', 'state="ok"', '1e308', '\x1b[2J'],
  ],
  maxBytes: 16_384,
  run(input) {
    const text = input.toString();
    const page = unlessRefused([PageError], () => readPage(text));
    if (isValid(input)) assert.ok(page !== undefined, 'a valid page is refused');
    if (page === undefined) return;
    const lines = smiScreen(
      viewOfPage(page, 1_790_000_100),
      { version: '1', host: 'x' },
      { width: WIDTH, glyphs: ASCII_GLYPHS },
    );
    for (const line of lines) {
      const drawn = line.map(({ text: part }) => part).join('');
      assert.ok(!/[\p{Cc}\p{Zl}\p{Zp}]/u.test(drawn), `the screen has ${JSON.stringify(drawn)}`);
    }
  },
};

function isValid(page: Buffer): boolean {
  try {
    parseExposition(page, 'text');
    return true;
  } catch {
    return false;
  }
}

function goodPage(): string {
  const serial = 0x010001861180b479n;
  const memoryOf = region(serial, { dram: 8192, l1: 64 }, [
    slot(42, memory({ dram: 4096, l1: 64 })),
    slot(43, { dram: 4096 }),
  ]);
  return checkPage({
    sysfs: {
      driverVersion: '2.10.0',
      cards: [card({ index: 0, arch: 'wormhole', board: 'n150', serial, driverIndex: 0 })],
    },
    sharedMemory: { regions: [memoryOf] },
    procfs: procfs({
      processes: [hostProcess(42, { comm: 'a "b"\x1b[2J\u2028' })],
      devices: { 0: [42] },
      held: [{ file: memoryOf.file, pids: [42] }],
    }),
  });
}
