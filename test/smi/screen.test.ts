import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { Ajv } from 'ajv';
import { viewOfSnapshot } from '../../src/host-view/from-snapshot.ts';
import { selectDevices, unknownDevices } from '../../src/host-view/select-devices.ts';
import type { HostView } from '../../src/host-view/types.ts';
import { smiDocument } from '../../src/smi/document.ts';
import { smiScreen } from '../../src/smi/screen.ts';
import type { Glyphs } from '../../src/terminal/glyphs.ts';
import { ASCII_GLYPHS, UNICODE_GLYPHS } from '../../src/terminal/glyphs.ts';
import { lineWidth, plainText } from '../../src/terminal/spans.ts';
import { assertGolden } from '../support/golden.ts';
import {
  bareDevice,
  bareMemory,
  bareProcess,
  bareSnapshot,
  memoryOf,
  richCard,
  richSnapshot,
} from '../support/rich-snapshot.ts';

process.env['TZ'] = 'UTC';

const HEAD = { version: '1.2.3', host: 'example' };

function draw(view: HostView, width: number, glyphs: Glyphs = UNICODE_GLYPHS): string {
  return `${smiScreen(view, HEAD, { width, glyphs }).map(plainText).join('\n')}\n`;
}

/** A p150 that is too hot, with a leak, an owner of each kind, and a process that reports nothing. */
function busyView(): HostView {
  const lost = memoryOf({ dram: 640 * 2 ** 20, l1: 7 * 2 ** 20 });
  const used = memoryOf({
    dram: 26 * 2 ** 30,
    trace: 512 * 2 ** 20,
    l1: 90 * 2 ** 20,
    l1_small: 4096,
    cb: 12e6,
    kernel: 0,
  });
  const device = bareDevice('0', {
    card: richCard({ temperature: { value: 91, limit: 90 } }),
    board: 'p150a',
    serial: 0x0000040131924062n,
    capacity: {
      dramBytes: 32 * 2 ** 30,
      l1Bytes: 180 * 2 ** 20,
      l1AllocatableBytes: undefined,
      source: 'board_table',
      cores: 120,
    },
    memory: bareMemory({
      totals: memoryOf({
        dram: 27 * 2 ** 30,
        trace: 512 * 2 ** 20,
        l1: 97 * 2 ** 20,
        l1_small: 4096,
        cb: 12e6,
        kernel: 0,
      }),
      processes: [
        { pid: '4242', bytes: used, detail: undefined },
        { pid: '?17', bytes: lost, detail: undefined },
        { pid: '4343', bytes: memoryOf({ dram: 1 }), detail: undefined },
        { pid: '4444', bytes: memoryOf({ dram: 0 }), detail: undefined },
      ],
      unattributed: memoryOf({ dram: 1024 }),
      orphaned: [{ pid: '?17', bytes: lost }],
    }),
    trackers: [{ source: 'shared_memory', state: 'ghost', lastUpdateSeconds: undefined }],
    holders: { descriptors: 4, invisible: 2, byPid: [{ pid: '4545', descriptors: 2 }] },
  });
  return viewOfSnapshot(
    bareSnapshot({
      driverVersion: '2.10.0',
      devicesExpected: 2,
      devices: [device, bareDevice('0x00000000000000ab', { arch: 'wormhole' })],
      processes: [
        bareProcess('4242', {
          comm: 'vllm',
          podNamespace: 'serving',
          podName: 'llama-70b-0',
          user: 'ann',
          startTimeSeconds: 1_789_990_000,
        }),
        bareProcess('4343', { comm: 'train', slurmJobId: '4711', startTimeSeconds: 1_789_999_990 }),
        bareProcess('4444', { comm: 'evil\x1b[2J', containerId: 'e2ba3f4e0b1c4c8e9d3e5f0e6a7b8c9d' }),
        bareProcess('4545', { comm: 'notebook', unit: 'jupyter.service' }),
        bareProcess('?17', { alive: false }),
      ],
      missingRights: ['CAP_SYS_PTRACE'],
      collectors: [{ name: 'kubernetes', outcome: 'failed', durationSeconds: 1 }],
    }),
  );
}

describe('the screen of smi', () => {
  for (const width of [80, 120, 200]) {
    it(`looks like this at ${width} columns`, () => {
      assertGolden(`smi/busy-${width}.txt`, draw(busyView(), width));
    });
  }

  it('looks like this in ASCII, and has no other character', () => {
    const text = draw(busyView(), 100, ASCII_GLYPHS);
    assertGolden('smi/busy-ascii.txt', text);
    assert.match(text, /^[\x20-\x7e\n]*$/);
  });

  it('says that there is no chip and no process', () => {
    const lines = draw(viewOfSnapshot(bareSnapshot()), 80).split('\n');
    assert.deepEqual(lines.slice(2), [
      'No Tenstorrent chip is found.',
      '─'.repeat(80),
      'No process holds a chip or its memory.',
      '',
    ]);
  });

  it('is never wider than the terminal', () => {
    for (const view of [busyView(), viewOfSnapshot(richSnapshot())]) {
      for (let width = 80; width <= 200; width++) {
        for (const line of smiScreen(view, HEAD, { width, glyphs: UNICODE_GLYPHS })) {
          assert.ok(lineWidth(line) <= width, plainText(line));
        }
      }
    }
  });

  it('shows the chips that are asked for, and what is on them', () => {
    const view = viewOfSnapshot(richSnapshot());
    const [first] = view.chips;
    const chosen = selectDevices(view, [first?.device ?? '']);
    assert.deepEqual(chosen.chips, [first]);
    assert.ok(chosen.processes.every(({ chips }) => chips.every(({ device }) => device === first?.device)));
    assert.deepEqual(selectDevices(view, []), view);
    assert.deepEqual(unknownDevices(view, ['0', '77']), ['77']);
  });
});

describe('the document of smi', () => {
  it('is what its schema says, of any host', () => {
    const path = new URL('../../schemas/smi-1.json', import.meta.url);
    const validate = new Ajv({ strictTuples: false, allowUnionTypes: true }).compile(
      JSON.parse(readFileSync(path, 'utf8')) as object,
    );
    for (const view of [busyView(), viewOfSnapshot(richSnapshot()), viewOfSnapshot(bareSnapshot())]) {
      assert.ok(validate(JSON.parse(JSON.stringify(smiDocument(view)))), JSON.stringify(validate.errors));
    }
  });

  it('has every field, and null for what is not known', () => {
    assertGolden('smi/busy.json', `${JSON.stringify(smiDocument(busyView()), undefined, 2)}\n`);
  });
});
