import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { KeptTexts } from '../../src/io/kept-texts.ts';
import { descriptorsInto, tempFolder } from './temp-folder.ts';

test('a text is read anew each time, cut at its limit, through a descriptor that is kept until it is forgotten', (t) => {
  const folder = tempFolder(t);
  const texts = new KeptTexts(1, 4);
  t.after(() => {
    texts.close();
  });
  const read = (name: string) => texts.read(join(folder, name))?.toString();
  assert.equal(read('a'), undefined);
  writeFileSync(join(folder, 'a'), 'one');
  writeFileSync(join(folder, 'b'), 'other');
  assert.deepEqual([read('a'), read('b'), read('a')], ['one', 'othe', 'one']);
  assert.equal(descriptorsInto(folder), 1);
  writeFileSync(join(folder, 'a'), '2');
  assert.equal(read('a'), '2');
  rmSync(join(folder, 'a'));
  assert.equal(read('a'), undefined);
  assert.deepEqual([read('b'), descriptorsInto(folder)], ['othe', 1]);
  texts.forget(join(folder, 'b'));
  assert.equal(descriptorsInto(folder), 0);
  assert.equal(read('b'), 'othe');
  texts.close();
  assert.equal(descriptorsInto(folder), 0);
});
