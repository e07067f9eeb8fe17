import assert from 'node:assert/strict';
import fs, { mkdirSync, symlinkSync, utimesSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import test from 'node:test';
import type { TestContext } from 'node:test';
import { RememberedFolder } from '../../../src/sources/kubernetes/remembered-folder.ts';
import { eventually } from '../../support/eventually.ts';
import { tempFolder } from './temp-path.ts';

/** What the code gets from node:fs/promises is replaced until the test is over. */
function replace(
  t: TestContext,
  name: 'opendir' | 'stat',
  by: (original: (...args: never[]) => unknown) => () => unknown,
) {
  const mock = t.mock.method(fs.promises, name, by(fs.promises[name] as (...args: never[]) => unknown) as never);
  syncBuiltinESMExports();
  t.after(() => {
    mock.mock.restore();
    syncBuiltinESMExports();
  });
  return mock.mock;
}

function plenty(): AbortSignal {
  return AbortSignal.timeout(10_000);
}

function names(path: string, mayBeLink = true): RememberedFolder<string> {
  return new RememberedFolder({ path, mayBeLink, parse: ({ name }) => name, maxEntries: 100 });
}

function settle(path: string, secondsAgo = 60): void {
  const at = Date.now() / 1000 - secondsAgo;
  utimesSync(path, at, at);
}

test('a folder is listed once as long as it does not change, but not while it may change unseen', async (t) => {
  const path = tempFolder(t);
  mkdirSync(join(path, 'a'));
  const opendir = replace(
    t,
    'opendir',
    (original) =>
      (...args) =>
        original(...(args as never[])),
  );
  const folder = names(path);
  const read = { kind: 'read', entries: ['a'], more: false };
  const looked = async (): Promise<number> => {
    assert.deepEqual(await folder.look(plenty()), read);
    return opendir.callCount();
  };
  assert.deepEqual([await looked(), await looked()], [1, 2]);
  settle(path);
  assert.deepEqual([await looked(), await looked(), await looked()], [3, 3, 3]);
  // A clock that was set back leaves folders of the future, which are never relied on.
  settle(path, -60);
  assert.deepEqual([await looked(), await looked()], [4, 5]);
});

test('a link is followed only where it may be one', async (t) => {
  const path = tempFolder(t);
  mkdirSync(join(path, 'a'));
  const link = join(tempFolder(t), 'link');
  symlinkSync(path, link);
  assert.deepEqual(await names(link).look(plenty()), { kind: 'read', entries: ['a'], more: false });
  assert.deepEqual(await names(link, false).look(plenty()), { kind: 'failed', code: 'ENOTDIR' });
});

test('a disk that hangs is waited for until the signal, and asked again only once it has answered', async (t) => {
  const path = tempFolder(t);
  mkdirSync(join(path, 'a'));
  const folder = names(path);
  const read = { kind: 'read', entries: ['a'], more: false };
  const late = { kind: 'late', remembered: { entries: ['a'], more: false } };
  assert.deepEqual(await folder.look(plenty()), read);

  const hung = Promise.withResolvers<undefined>();
  const stat = replace(t, 'stat', (original) => async (...args) => {
    await hung.promise;
    return original(...(args as never[]));
  });
  const given = new AbortController();
  const looking = folder.look(given.signal);
  given.abort();
  assert.deepEqual(await looking, late);
  assert.deepEqual(await folder.look(plenty()), late);
  assert.equal(stat.callCount(), 1);
  hung.resolve(undefined);
  const answered = await eventually('the disk to answer', async () => {
    const look = await folder.look(plenty());
    return look.kind !== 'late' && look;
  });
  assert.deepEqual(answered, read);
});
