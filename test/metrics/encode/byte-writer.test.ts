import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ByteWriter } from '../../../src/metrics/encode/byte-writer.ts';
import { fragment } from '../../../src/metrics/encode/fragment.ts';

function written(write: (writer: ByteWriter) => void): string {
  const writer = new ByteWriter();
  write(writer);
  return Buffer.from(writer.finish()).toString();
}

describe('the byte writer', () => {
  it('writes every integer around a power of ten as JavaScript does', () => {
    const numbers = Array.from({ length: 16 }, (_, power) => [10 ** power - 1, 10 ** power, 10 ** power + 1])
      .flat()
      .concat(Number.MAX_SAFE_INTEGER);
    assert.equal(
      written((writer) => {
        for (const number of numbers) writer.valueLine(number);
      }),
      numbers.map((number) => `${number}\n`).join(''),
    );
  });

  it('writes -0 as 0', () => {
    assert.equal(
      written((writer) => {
        writer.valueLine(-0);
      }),
      '0\n',
    );
  });

  it('copies fragments and repeats of every length and at every offset', () => {
    let expected = '';
    const text = written((writer) => {
      for (let length = 0; length < 40; length++) {
        const part = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOP'.slice(0, length);
        const from = writer.position;
        writer.fragment(fragment(part));
        writer.repeat(from, length);
        expected += part + part;
      }
    });
    assert.equal(text, expected);
  });

  it('grows in the middle of anything and keeps what is written', () => {
    const long = 'x'.repeat(50_000);
    const text = written((writer) => {
      writer.labelValue(long);
      writer.repeat(0, 50_000);
      writer.labelValue(`é${long}`);
      writer.bytes(Buffer.from(long));
      writer.fragment(fragment(long));
      for (let count = 0; count < 20_000; count++) writer.valueLine(count);
    });
    const counts = Array.from({ length: 20_000 }, (_, count) => `${count}\n`).join('');
    assert.equal(text, `${long}${long}é${long}${long}${long}${counts}`);
  });

  it('keeps its buffer from page to page, and gives most of it back once small pages come only', () => {
    const writer = new ByteWriter();
    const page = (bytes: number): number => {
      writer.start();
      writer.bytes(new Uint8Array(bytes));
      assert.equal(writer.finish().length, bytes);
      return writer.capacity;
    };
    const large = page(4_000_000);
    for (let count = 0; count < 60; count++) assert.equal(page(200_000), large);
    assert.equal(page(3_000_000), large, 'a large page in between keeps it');
    for (let count = 0; count < 65; count++) page(200_000);
    assert.equal(writer.capacity, 400_000);
    page(100);
    assert.equal(writer.capacity, 400_000);
  });
});
