import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { bar, history } from '../../src/terminal/bar.ts';
import { ASCII_GLYPHS, UNICODE_GLYPHS } from '../../src/terminal/glyphs.ts';
import { outputFacts } from '../../src/terminal/output-facts.ts';
import { paint } from '../../src/terminal/paint.ts';
import { ageText, bytesText, bytesWords, percentText } from '../../src/terminal/quantities.ts';
import { lineWidth, plainText, printable, span } from '../../src/terminal/spans.ts';
import { drawTable } from '../../src/terminal/table.ts';

describe('quantities', () => {
  it('are short and rounded, and none but 0 is 0', () => {
    const bytes = [undefined, 0, 1, 1023, 1024, 1536, 102_400, 1_048_063, 1_048_575, 26 * 2 ** 30, 2 ** 60, -1536];
    assert.deepEqual(bytes.map(bytesText), [
      ...['-', '0', '1B', '1023B', '1.0K', '1.5K', '100K', '1023K', '1.0M', '26.0G', '1024P', '-1.5K'],
    ]);
    assert.deepEqual([5, 640 * 2 ** 20, 1.5 * 2 ** 30].map(bytesWords), ['5 bytes', '640 MiB', '1.5 GiB']);
    assert.deepEqual([undefined, -1, 0, 59.9, 60, 3599, 12_000, 36_000, 360_000, 864_000].map(ageText), [
      '-',
      '0s',
      '0s',
      '59s',
      '1m',
      '59m',
      '3h20m',
      '10h',
      '4d',
      '10d',
    ]);
    assert.deepEqual([0, 0.001, 0.5, 0.996, 1, 1.2].map(percentText), ['0%', '<1%', '50%', '99%', '100%', '120%']);
  });

  it('take at most five cells of bytes below a petabyte', () => {
    fc.assert(fc.property(fc.nat({ max: 2 ** 49 }), (bytes) => bytesText(bytes).length <= 5));
  });
});

describe('bars', () => {
  const text = (share: number, width: number, ascii = false): string =>
    plainText(bar(share, width, ascii ? ASCII_GLYPHS : UNICODE_GLYPHS, 'good'));

  it('are as long as the share, and show the least and nearly all as what they are', () => {
    assert.deepEqual(
      [0, 1e-9, 0.5, 0.999, 1, 7].map((share) => text(share, 4)),
      ['░░░░', '▏░░░', '██░░', '███▉', '████', '████'],
    );
    assert.deepEqual(
      [0, 1e-9, 0.5, 0.999, 1].map((share) => text(share, 4, true)),
      ['....', '#...', '##..', '###.', '####'],
    );
  });

  it('are as wide as they are told', () => {
    fc.assert(
      fc.property(fc.double({ min: -1, max: 3, noNaN: true }), fc.integer({ min: 1, max: 50 }), (share, width) =>
        [true, false].every((ascii) => text(share, width, ascii).length === width),
      ),
    );
  });

  it('of the past have a gap where nothing was known, and the latest on the right', () => {
    assert.equal(history([0.9, 0, undefined, 0.5, 1, 2], 8, UNICODE_GLYPHS), '  █▁ ▅██');
    assert.equal(history([0, 0.5, 1], 2, ASCII_GLYPHS), '=#');
  });
});

describe('text of another', () => {
  it('cannot move the cursor', () => {
    assert.equal(printable('a\x1b[2Jb\n\u202e\u4e00\u{1f600}c'), 'a?[2Jb????c');
  });
});

describe('a table', () => {
  const columns = [
    { title: 'ID', align: 'right' as const, cell: (row: string) => [span(row.slice(0, 2))] },
    { title: 'NAME', align: 'left' as const, flexible: { least: 4, most: 9 }, cell: (row: string) => [span(row)] },
    { title: 'MORE', align: 'left' as const, drop: 1, cell: () => [span('more')] },
  ];
  const draw = (width: number): string[] =>
    drawTable(columns, ['a', 'bcdefghijkl'], { width, ellipsis: '~' }).map(plainText);

  it('grows as far as there is something to show, then shrinks, cuts and drops', () => {
    assert.deepEqual(draw(40), ['ID NAME      MORE', ' a a         more', 'bc bcdefghi~ more']);
    assert.deepEqual(draw(14), ['ID NAME   MORE', ' a a      more', 'bc bcdef~ more']);
    assert.deepEqual(draw(10), ['ID NAME', ' a a', 'bc bcdefg~']);
  });

  it('is never wider than it may be', () => {
    const rows = fc.array(fc.string({ maxLength: 20 }));
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 60 }), (cells, width) =>
        drawTable(columns, cells, { width, ellipsis: '~' }).every((line) => lineWidth(line) <= width),
      ),
    );
  });
});

describe('an output', () => {
  const facts = (stream: object, env: NodeJS.ProcessEnv, choice = {}) => {
    const { width, colour, glyphs } = outputFacts(stream, env, { colour: true, ascii: false, ...choice });
    return [width, colour, glyphs === UNICODE_GLYPHS ? 'unicode' : 'ascii'];
  };
  const terminal = { isTTY: true, columns: 100 };

  it('has colours on a terminal where nobody says no', () => {
    assert.deepEqual(facts(terminal, {}), [100, true, 'unicode']);
    assert.deepEqual(facts(terminal, { NO_COLOR: '1' }), [100, false, 'unicode']);
    assert.deepEqual(facts(terminal, { NO_COLOR: '' }), [100, true, 'unicode']);
    assert.deepEqual(facts(terminal, {}, { colour: false, ascii: true }), [100, false, 'ascii']);
    assert.deepEqual(facts(terminal, { TERM: 'dumb' }), [100, false, 'ascii']);
    assert.deepEqual(facts({}, {}), [160, false, 'unicode']);
  });

  it('is 80 to 200 columns wide, and of ASCII in a locale of it', () => {
    assert.deepEqual(facts({ isTTY: true, columns: 20 }, { LANG: 'C' }), [80, true, 'ascii']);
    assert.deepEqual(facts({ isTTY: true, columns: 500 }, { LC_ALL: 'de_DE.utf8', LANG: 'C' }), [200, true, 'unicode']);
    assert.deepEqual(facts({}, { COLUMNS: '120', LC_ALL: '', LANG: 'C.UTF-8' }), [120, false, 'unicode']);
    assert.deepEqual(facts({}, { COLUMNS: 'wide' }), [160, false, 'unicode']);
  });

  it('is painted with escapes only where it has colours', () => {
    const lines = [[span('a'), span('b', 'good')], []];
    assert.equal(paint(lines, false), 'ab\n\n');
    assert.equal(paint(lines, true), 'a\x1b[32mb\x1b[39m\n\n');
  });
});
