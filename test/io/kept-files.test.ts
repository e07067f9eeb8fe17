import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

import { toFileResult } from '../../src/io/file-outcome.ts';
import { KeptFiles } from '../../src/io/kept-files.ts';
import type { FileResult } from '../../src/io/lanes.ts';
import { descriptorsInto, failure, laneOf, tempFolder, text } from './temp-folder.ts';

function keptFiles(t: TestContext, limit?: number): KeptFiles {
  const kept = new KeptFiles(limit);
  t.after(() => {
    kept.close();
  });
  return kept;
}

function readAll(kept: KeptFiles, key: string): FileResult[] {
  return kept.files(key).map((file) => {
    const buffer = Buffer.alloc(file.maxBytes + 1);
    return toFileResult(kept.read(file, buffer, 0), file.maxBytes, buffer, 0);
  });
}

test('a file that changes in place is read anew through the same descriptor', (t) => {
  const folder = tempFolder(t);
  const path = join(folder, 'value');
  const kept = keptFiles(t);
  kept.define(laneOf('a', [path]));
  for (const value of ['1\n', '22\n', '', '3\n']) {
    writeFileSync(path, value);
    assert.deepEqual(readAll(kept, 'a'), [text(value)]);
    assert.equal(descriptorsInto(folder), 1);
  }
});

test('a deleted file is missing at once, and back when there is a file again', (t) => {
  const path = join(tempFolder(t), 'value');
  const kept = keptFiles(t);
  kept.define(laneOf('a', [path]));
  assert.deepEqual(readAll(kept, 'a'), [failure('ENOENT')]);
  writeFileSync(path, 'old');
  assert.deepEqual(readAll(kept, 'a'), [text('old')]);
  rmSync(path);
  assert.deepEqual(readAll(kept, 'a'), [failure('ENOENT')]);
  writeFileSync(path, 'new');
  assert.deepEqual(readAll(kept, 'a'), [text('new')]);
});

test('a file that another was renamed onto is the other one', (t) => {
  const folder = tempFolder(t);
  const kept = keptFiles(t);
  writeFileSync(join(folder, 'value'), 'old');
  kept.define(laneOf('a', [join(folder, 'value')]));
  assert.deepEqual(readAll(kept, 'a'), [text('old')]);
  writeFileSync(join(folder, 'next'), 'new');
  renameSync(join(folder, 'next'), join(folder, 'value'));
  assert.deepEqual(readAll(kept, 'a'), [text('new')]);
});

test('a kept file of a process that has ended is gone by the error that procfs gives', async (t) => {
  const child = spawn('sleep', ['60']);
  await once(child, 'spawn');
  const kept = keptFiles(t);
  kept.define(laneOf('p', [`/proc/${child.pid ?? 0}/comm`, `/proc/${child.pid ?? 0}/stat`], { maxBytes: 512 }));
  const alive = readAll(kept, 'p');
  child.kill('SIGKILL');
  await once(child, 'exit');
  assert.deepEqual([alive[0], alive[1]?.ok], [text('sleep\n'), true]);
  assert.deepEqual(readAll(kept, 'p'), [failure('ENOENT'), failure('ENOENT')]);
});

test('a file whose read fails as one of a removed device does is opened for each read', (t) => {
  const path = `/proc/${process.pid}/mem`;
  const kept = keptFiles(t);
  kept.define(laneOf('m', [path]));
  // Nothing is mapped at 0.
  assert.deepEqual([...readAll(kept, 'm'), ...readAll(kept, 'm')], [failure('EIO'), failure('EIO')]);
  assert.equal(descriptorsInto(path), 0);
});

test('a new generation is opened anew, although the old file can still be read', (t) => {
  const folder = tempFolder(t);
  mkdirSync(join(folder, 'device'));
  writeFileSync(join(folder, 'device', 'value'), 'old');
  const kept = keptFiles(t);
  const lane = laneOf('a', [join(folder, 'device', 'value')]);
  kept.define(lane);
  assert.deepEqual(readAll(kept, 'a'), [text('old')]);
  renameSync(join(folder, 'device'), join(folder, 'away'));
  mkdirSync(join(folder, 'device'));
  writeFileSync(join(folder, 'device', 'value'), 'new');
  assert.deepEqual(readAll(kept, 'a'), [text('old')]);
  kept.define({ ...lane, generation: '2' });
  assert.deepEqual(readAll(kept, 'a'), [text('new')]);
  assert.equal(descriptorsInto(folder), 1);
});

test('a lane whose list changes keeps the descriptors of the paths that stay, and closes the others', (t) => {
  const folder = tempFolder(t);
  const paths = ['a', 'b', 'c'].map((name) => join(folder, name));
  for (const path of paths) writeFileSync(path, path.slice(-1));
  const kept = keptFiles(t);
  kept.define(laneOf('x', [...paths, ...paths]));
  readAll(kept, 'x');
  assert.equal(descriptorsInto(folder), 6);
  kept.define(laneOf('x', paths.slice(1)));
  assert.equal(descriptorsInto(folder), 2);
  assert.deepEqual(readAll(kept, 'x'), [text('b'), text('c')]);
  kept.forget('x');
  assert.deepEqual([descriptorsInto(folder), kept.files('x')], [0, []]);
});

test('beyond the limit files are read all the same, and not kept', (t) => {
  const folder = tempFolder(t);
  const paths = Array.from({ length: 10 }, (_, index) => join(folder, String(index)));
  for (const [index, path] of paths.entries()) writeFileSync(path, String(index));
  const kept = keptFiles(t, 4);
  kept.define(laneOf('x', paths));
  for (let run = 0; run < 3; run += 1) {
    assert.deepEqual(
      readAll(kept, 'x'),
      paths.map((_, index) => text(String(index))),
    );
    assert.equal(descriptorsInto(folder), 4);
  }
});

test('where descriptors run out, kept ones are given up and every file is read', (t) => {
  const folder = tempFolder(t);
  const script = fileURLToPath(new URL('./few-descriptors.ts', import.meta.url));
  const output = execFileSync('sh', ['-c', 'ulimit -n 64 && exec "$0" "$@"', process.execPath, script, folder]);
  assert.equal(output.toString(), '3 runs of 100 files, less than 64 kept\n');
});
