import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { createInlineLaneReader } from '../../src/io/inline-lane-reader.ts';
import { FORGET_AFTER } from '../../src/io/lane-book.ts';
import { createLaneReader } from '../../src/io/lane-reader.ts';
import type { LaneReaderOptions, ThreadedLaneReader } from '../../src/io/lane-reader.ts';
import type { FileResult, Lane, LaneReader } from '../../src/io/lanes.ts';
import { descriptorsInto, failure, laneOf, tempFolder, text } from './temp-folder.ts';

const NEVER = new AbortController().signal;

type Results = Readonly<Record<string, readonly FileResult[]>>;

async function readOnce(reader: LaneReader, lanes: readonly Lane[]): Promise<Results> {
  const run = reader.read(lanes, NEVER);
  await run.done;
  assert.deepEqual(run.blocked(), []);
  return Object.fromEntries(run.results());
}

function openReader(t: TestContext, options: LaneReaderOptions = {}): ThreadedLaneReader {
  const reader = createLaneReader(options);
  t.after(() => reader.close());
  return reader;
}

/** A reader whose thread takes lanes: it starts with the first run, which does not wait for it. */
async function fastReader(t: TestContext): Promise<ThreadedLaneReader> {
  const reader = openReader(t);
  for (let tries = 0; tries < 500 && !reader.fast(); tries += 1) {
    await reader.read([], NEVER).done;
    await sleep(10);
  }
  assert.ok(reader.fast(), 'the thread has not started within 5 s');
  return reader;
}

/** One lane with each kind of file, and what must come of it. */
function everyKind(folder: string): { lane: Lane; expected: readonly FileResult[] } {
  const kinds: readonly (readonly [name: string, content: string | undefined, result: FileResult])[] = [
    ['plain', '1200\n', text('1200\n')],
    ['empty', '', text('')],
    ['exact', 'x'.repeat(64), text('x'.repeat(64))],
    ['long', 'y'.repeat(65), text('y'.repeat(64), true)],
    ['bytes', '\u00e4\u00ff\0\n', text('\u00e4\u00ff\0\n')],
    ['missing', undefined, failure('ENOENT')],
    ['plain/below', undefined, failure('ENOTDIR')],
    ['with\0nul', undefined, failure('EINVAL')],
  ];
  for (const [name, content] of kinds) {
    if (content !== undefined) writeFileSync(join(folder, name), content, 'latin1');
  }
  mkdirSync(join(folder, 'directory'));
  const lane = laneOf('kinds', [...kinds.map(([name]) => `${folder}/${name}`), join(folder, 'directory')]);
  return { lane, expected: [...kinds.map(([, , result]) => result), failure('EISDIR')] };
}

test('the thread gives every kind of file as it is', async (t) => {
  const { lane, expected } = everyKind(tempFolder(t));
  const reader = await fastReader(t);
  for (let run = 0; run < 3; run += 1) assert.deepEqual(await readOnce(reader, [lane]), { kinds: expected });
});

test('the pool gives the same as the thread', async (t) => {
  const { lane, expected } = everyKind(tempFolder(t));
  const reader = openReader(t, { thread: false });
  for (let run = 0; run < 3; run += 1) assert.deepEqual(await readOnce(reader, [lane]), { kinds: expected });
});

test('the inline reader gives the same as the thread, before read() returns', async (t) => {
  const folder = tempFolder(t);
  const { lane, expected } = everyKind(folder);
  const reader = createInlineLaneReader();
  assert.deepEqual(reader.read([lane], NEVER).results().get('kinds'), expected);
  await reader.close();
  assert.equal(descriptorsInto(folder), 0);
});

test('files of procfs longer than a page come whole, on the thread and on the pool', async (t) => {
  const lane = laneOf('procfs', ['/proc/self/smaps', '/proc/self/status'], { maxBytes: 1024 * 1024 });
  for (const reader of [await fastReader(t), openReader(t, { thread: false })]) {
    const results = await readOnce(reader, [lane]);
    const [smaps, status] = results['procfs'] ?? [];
    assert.ok(smaps?.ok === true && smaps.text.length > 16384 && smaps.text.includes('[vsyscall]'));
    assert.ok(status?.ok === true && status.text.startsWith('Name:'));
  }
});

test('the first run has everything, although the thread has not started yet', async (t) => {
  const path = join(tempFolder(t), 'value');
  writeFileSync(path, '7');
  const reader = openReader(t);
  assert.deepEqual(await readOnce(reader, [laneOf('a', [path])]), { a: [text('7')] });
});

test('an empty run and an empty lane are done', async (t) => {
  for (const reader of [await fastReader(t), openReader(t, { thread: false })]) {
    assert.deepEqual(await readOnce(reader, []), {});
    assert.deepEqual(await readOnce(reader, [laneOf('none', [])]), { none: [] });
  }
});

test('runs that overlap, also in their lanes, each get all of theirs', async (t) => {
  const folder = tempFolder(t);
  const lanes = Array.from({ length: 12 }, (_, index) => {
    writeFileSync(join(folder, String(index)), `value ${index}`);
    return laneOf(`lane ${index}`, [join(folder, String(index))]);
  });
  const expected = Object.fromEntries(lanes.map((lane, index) => [lane.key, [text(`value ${index}`)]]));
  for (const reader of [await fastReader(t), openReader(t, { thread: false })]) {
    const runs = [0, 1, 2, 3].map(() => reader.read(lanes, NEVER));
    await Promise.all(runs.map((run) => run.done));
    for (const run of runs) assert.deepEqual(Object.fromEntries(run.results()), expected);
  }
});

test('lanes that ask for more memory than a job may have come in several jobs', async (t) => {
  const folder = tempFolder(t);
  const lanes = Array.from({ length: 5 }, (_, index) => {
    writeFileSync(join(folder, String(index)), String(index).repeat(5000));
    return laneOf(String(index), [join(folder, String(index))], { maxBytes: 5 * 1024 * 1024 });
  });
  const results = await readOnce(await fastReader(t), lanes);
  assert.deepEqual(results, Object.fromEntries(lanes.map(({ key }) => [key, [text(key.repeat(5000))]])));
});

test('a replaced device is read anew by its generation', async (t) => {
  const folder = tempFolder(t);
  const [before, after] = [join(folder, 'before'), join(folder, 'after')];
  writeFileSync(before, 'old');
  writeFileSync(after, 'new');
  const reader = await fastReader(t);
  assert.deepEqual(await readOnce(reader, [laneOf('a', [before])]), { a: [text('old')] });
  assert.deepEqual(await readOnce(reader, [laneOf('a', [after], { generation: '2' })]), { a: [text('new')] });
  assert.equal(descriptorsInto(folder), 1);
});

test('an aborted run is done at once, adds nothing later, and names what it lacks', async (t) => {
  const path = join(tempFolder(t), 'value');
  writeFileSync(path, '7');
  const reader = await fastReader(t);
  const controller = new AbortController();
  const run = reader.read([laneOf('a', [path])], controller.signal);
  controller.abort();
  await run.done;
  const seen = { results: Object.fromEntries(run.results()), blocked: run.blocked() };
  assert.ok(seen.blocked.length === 1 || 'a' in seen.results);
  await readOnce(reader, [laneOf('a', [path])]);
  assert.deepEqual({ results: Object.fromEntries(run.results()), blocked: run.blocked() }, seen);

  const late = reader.read([laneOf('a', [path])], AbortSignal.abort());
  await late.done;
  assert.deepEqual([late.results().size, late.blocked()], [0, ['a']]);
});

test('descriptors do not grow over a thousand runs in which lanes come, change and leave', async (t) => {
  const folder = tempFolder(t);
  const paths = Array.from({ length: 20 }, (_, index) => join(folder, String(index)));
  for (const path of paths) writeFileSync(path, path.slice(-1));
  const reader = await fastReader(t);
  let most = 0;
  for (let run = 0; run < 1000; run += 1) {
    const lanes = [
      laneOf('stays', paths.slice(0, 10)),
      laneOf('changes', paths.slice(10, 15), { generation: String(run) }),
      laneOf(`comes and goes ${run}`, paths.slice(15)),
    ];
    assert.equal(Object.keys(await readOnce(reader, lanes)).length, 3);
    if (run % 50 === 0) most = Math.max(most, descriptorsInto(folder));
  }
  assert.ok(most >= 20 && most <= 15 + 5 * (FORGET_AFTER + 1), `${most} descriptors`);
  await reader.close();
  assert.equal(descriptorsInto(folder), 0);
});

test('a closed reader reads nothing, is not stuck, and can be closed again', async (t) => {
  const path = join(tempFolder(t), 'value');
  writeFileSync(path, '7');
  const reader = await fastReader(t);
  await readOnce(reader, [laneOf('a', [path])]);
  await reader.close();
  await reader.close();
  const run = reader.read([laneOf('a', [path])], NEVER);
  await run.done;
  assert.deepEqual([run.results().size, run.blocked(), reader.stuck()], [0, ['a'], false]);
});
