import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { KeptPages } from '../../src/reader/kept-pages.ts';
import type { PageShape } from '../../src/reader/kept-pages.ts';
import type { PageAnswer } from '../../src/reader/types.ts';
import { emptySnapshot } from '../support/fake-collector.ts';

const SHAPE: PageShape = { format: 'text', gzip: true, own: { bytes: Buffer.from('own'), samples: 1 } };

function textOf({ body }: PageAnswer): string {
  return Buffer.from(body).toString();
}

function pageOf(text: string): Pick<PageAnswer, 'body' | 'series'> {
  return { body: Buffer.from(text), series: text.length };
}

describe('pages that are kept', () => {
  it('are those of the last snapshots, for who asks for the same', () => {
    const pages = new KeptPages();
    const [a, b, c] = [emptySnapshot('a'), emptySnapshot('b'), emptySnapshot('c')];
    for (const snapshot of [a, b]) pages.add(snapshot, SHAPE, pageOf('first'));
    assert.equal(pages.find(a, { ...SHAPE, format: 'openmetrics' }), undefined);
    assert.equal(pages.find(a, { ...SHAPE, gzip: false }), undefined);
    assert.equal(pages.find(a, { ...SHAPE, own: { bytes: Buffer.from('owN'), samples: 1 } }), undefined);
    assert.equal(pages.find(a, { ...SHAPE, own: { bytes: Buffer.from('own'), samples: 1 } })?.series, 5);
    pages.add(c, SHAPE, pageOf('third'));
    assert.deepEqual(
      [a, b, c].map((snapshot) => pages.find(snapshot, SHAPE) !== undefined),
      [false, true, true],
    );
  });

  it('give their memory to others once everybody has been sent them, and not before', () => {
    const pages = new KeptPages();
    const first = emptySnapshot('1');
    const answer = pages.add(first, SHAPE, pageOf('one'));
    const shared = pages.find(first, SHAPE);
    assert.ok(shared);
    // Sent to one of two.
    answer.sent?.();
    answer.sent?.();
    const others = ['2', '3', '4'].map((version) => pages.add(emptySnapshot(version), SHAPE, pageOf('two')));
    assert.equal(textOf(shared), 'one');
    assert.ok(others.every(({ body }) => body.buffer !== shared.body.buffer));
    shared.sent?.();
    assert.equal(pages.add(emptySnapshot('5'), SHAPE, pageOf('new')).body.buffer, shared.body.buffer);
  });

  it('stay as they are until they are sent, whatever is asked for and sent meanwhile', () => {
    const step = fc.record({
      kind: fc.constantFrom('new', 'same', 'before', 'sent', 'sent'),
      length: fc.integer({ min: 0, max: 300 }),
      which: fc.nat(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const pages = new KeptPages();
        const snapshots = [emptySnapshot('first')];
        let open: { readonly answer: PageAnswer; readonly text: string }[] = [];
        const textsOf = new Map<unknown, string>();
        steps.forEach(({ kind, length, which }, at) => {
          if (kind === 'sent') {
            const [one] = open.splice(which % (open.length + 1), 1);
            one?.answer.sent?.();
          } else {
            if (kind === 'new') snapshots.push(emptySnapshot(`${at}`));
            const snapshot = snapshots.at(kind === 'before' ? -2 : -1) ?? snapshots[0];
            assert.ok(snapshot);
            const found = pages.find(snapshot, SHAPE);
            const text = found === undefined ? `${at}:`.padEnd(length, `${at}`) : (textsOf.get(snapshot) ?? '');
            textsOf.set(snapshot, text);
            open.push({ answer: found ?? pages.add(snapshot, SHAPE, pageOf(text)), text });
          }
          for (const { answer, text } of open) assert.equal(textOf(answer), text);
        });
        open = [];
      }),
      { numRuns: 500 },
    );
  });
});
