import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { PageMemory } from '../../src/reader/page-memory.ts';
import type { PageAnswer } from '../../src/reader/types.ts';

function textOf({ body }: PageAnswer): string {
  return Buffer.from(body).toString();
}

function pageOf(text: string): Pick<PageAnswer, 'body' | 'series'> {
  return { body: Buffer.from(text), series: text.length };
}

describe('the memory of pages', () => {
  it('is used again for another one that has about the same size, once the first is sent and not before', () => {
    const memory = new PageMemory();
    const first = memory.keep(pageOf('one'));
    const second = memory.keep(pageOf('two'));
    assert.notEqual(second.body.buffer, first.body.buffer);
    assert.deepEqual([textOf(first), first.series], ['one', 3]);
    first.sent?.();
    // Said twice, it would be given to two.
    first.sent?.();
    const others = ['new', 'too'].map((text) => memory.keep(pageOf(text)));
    assert.deepEqual(
      others.map(({ body }) => body.buffer === first.body.buffer),
      [true, false],
    );
    for (const page of others) page.sent?.();
    const large = memory.keep(pageOf('large'.repeat(10)));
    assert.ok(others.every(({ body }) => body.buffer !== large.body.buffer));
  });

  it('stays as it is until its page is sent, whatever is asked for and sent meanwhile', () => {
    const step = fc.record({
      kind: fc.constantFrom('page', 'page', 'sent', 'sent'),
      length: fc.integer({ min: 0, max: 300 }),
      which: fc.nat(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const memory = new PageMemory();
        const open: { readonly answer: PageAnswer; readonly text: string }[] = [];
        steps.forEach(({ kind, length, which }, at) => {
          if (kind === 'sent') {
            const [one] = open.splice(which % (open.length + 1), 1);
            one?.answer.sent?.();
            if (which % 2 === 0) one?.answer.sent?.();
          } else {
            const text = `${at}:`.padEnd(length, `${at}`);
            open.push({ answer: memory.keep(pageOf(text)), text });
          }
          for (const { answer, text } of open) assert.equal(textOf(answer), text);
        });
      }),
      { numRuns: 500 },
    );
  });
});
