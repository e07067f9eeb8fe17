import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ResultMemory } from '../../src/io/lane-job.ts';
import { ResultDecoder } from '../../src/io/result-decoder.ts';
import { failure, laneOf, text } from './temp-folder.ts';

const LANES = [laneOf('a', ['/1', '/2']), laneOf('b', ['/3', '/4'], { maxBytes: 4 })];

/** What the thread would have written: a text or an error number for each file. */
function memoryWith(...files: readonly (string | number)[]): ResultMemory {
  const memory = ResultMemory.allocate(files.length, 1024);
  let at = 0;
  files.forEach((file, index) => {
    memory.outcomes[index] = typeof file === 'number' ? file : file.length;
    if (typeof file === 'string') at += memory.bytes.write(file.slice(0, index < 2 ? 64 : 4), at, 'latin1');
  });
  return memory;
}

function decodeBoth(decoder: ResultDecoder, memory: ResultMemory, secondAt: number) {
  return [decoder.decode(0, memory, 0, 0), decoder.decode(1, memory, 2, secondAt)];
}

test('what reads as before is the same object, what does not is new', () => {
  const decoder = new ResultDecoder(LANES);
  const [a, b] = decodeBoth(decoder, memoryWith('17\n', 'x', 'yes\n', -2), 4);
  assert.deepEqual(
    [a, b],
    [
      [text('17\n'), text('x')],
      [text('yes\n'), failure('ENOENT')],
    ],
  );
  const [sameA, otherB] = decodeBoth(decoder, memoryWith('17\n', 'x', 'noo\n', -2), 4);
  assert.equal(sameA, a);
  assert.deepEqual(otherB, [text('noo\n'), failure('ENOENT')]);
  assert.equal(otherB[1], b?.[1]);
  const [longer, againB] = decodeBoth(decoder, memoryWith('178\n', 'x', 'noo\n', -2), 5);
  assert.deepEqual(longer, [text('178\n'), text('x')]);
  assert.equal(longer[1], a?.[1]);
  assert.equal(againB, otherB);
});

test('another error, a text in its place and one that goes on are told apart', () => {
  const decoder = new ResultDecoder(LANES);
  const read = (third: string | number) => decodeBoth(decoder, memoryWith('', '', third, 'z'), 0)[1];
  assert.deepEqual(read('four'), [text('four'), text('z')]);
  assert.deepEqual(read('fours'), [text('four', true), text('z')]);
  assert.deepEqual(read(-2), [failure('ENOENT'), text('z')]);
  assert.deepEqual(read(-19), [failure('ENODEV'), text('z')]);
  assert.deepEqual(read(''), [text(''), text('z')]);
});

test('what was handed over before stays as it was', () => {
  const decoder = new ResultDecoder(LANES);
  const [first] = decodeBoth(decoder, memoryWith('1', '2', 'a', 'b'), 2);
  decodeBoth(decoder, memoryWith('3', '2', 'a', 'b'), 2);
  assert.deepEqual(first, [text('1'), text('2')]);
});
