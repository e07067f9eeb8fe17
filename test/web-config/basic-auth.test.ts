import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { hashSync } from 'bcryptjs';
import { PasswordCheck, readCredentials } from '../../src/web-config/basic-auth.ts';
import { BcryptThread } from '../../src/web-config/bcrypt-thread.ts';
import type { BcryptJob } from '../../src/web-config/bcrypt-worker.ts';

const threads: BcryptThread[] = [];
after(async () => {
  for (const thread of threads) await thread.close();
});

function thread(...options: ConstructorParameters<typeof BcryptThread>): BcryptThread {
  const made = new BcryptThread(...options);
  threads.push(made);
  return made;
}

/** Counts what is really computed. */
class CountingThread extends BcryptThread {
  readonly jobs: BcryptJob[] = [];
  override compare(job: BcryptJob, wanted?: () => boolean): Promise<boolean> {
    this.jobs.push(job);
    return super.compare(job, wanted);
  }
}

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
const ALICE = hashSync('right', 4);
const BOB = hashSync('bobs', 6);
const USERS = new Map([
  ['alice', ALICE],
  ['bob', BOB],
]);

describe('credentials', () => {
  it('are read from the header, split at the first colon', () => {
    assert.deepEqual(readCredentials(basic('alice:a:b')), { user: 'alice', password: 'a:b' });
    assert.deepEqual(readCredentials(basic('ä:ö').replace('Basic', 'bAsIc')), { user: 'ä', password: 'ö' });
    assert.deepEqual(readCredentials(basic(':')), { user: '', password: '' });
  });

  it('are none where the header is something else', () => {
    const headers = [undefined, '', 'Basic', 'Basic ', basic('alice'), 'Bearer YTpi', 'Basic !', 'Basic YTpi YTpi'];
    assert.deepEqual(
      headers.map(readCredentials),
      headers.map(() => undefined),
    );
  });
});

describe('a password', () => {
  it('is right for its own user only', async () => {
    const check = new PasswordCheck(thread());
    const tries = [
      ['alice', 'right'],
      ['alice', 'wrong'],
      ['alice', ''],
      ['bob', 'right'],
      ['bob', 'bobs'],
      ['carol', 'right'],
      ['', ''],
      ['__proto__', 'right'],
    ] as const;
    const results = [];
    for (const [user, password] of tries) results.push(await check.verify(USERS, { user, password }));
    assert.deepEqual(results, [true, false, false, false, true, false, false, false]);
  });

  it('is computed once, right or wrong, and again after a change of the hash', async () => {
    const counting = new CountingThread();
    threads.push(counting);
    const check = new PasswordCheck(counting);
    const verify = (password: string, users = USERS) => check.verify(users, { user: 'alice', password });
    assert.deepEqual([await verify('right'), await verify('right'), counting.jobs.length], [true, true, 1]);
    assert.deepEqual([await verify('wrong'), await verify('wrong'), counting.jobs.length], [false, false, 2]);
    const changed = new Map([['alice', hashSync('other', 4)]]);
    assert.deepEqual([await verify('right', changed), counting.jobs.length], [false, 3]);
    check.forget();
    assert.deepEqual([await verify('right'), counting.jobs.length], [true, 4]);
  });

  it('of an unknown user costs as much as that of the user with the highest cost', async () => {
    const counting = new CountingThread();
    threads.push(counting);
    const check = new PasswordCheck(counting);
    await check.verify(USERS, { user: 'carol', password: 'x' });
    assert.deepEqual(
      counting.jobs.map(({ hash }) => [hash.length, hash.slice(0, 7)]),
      [[60, BOB.slice(0, 7)]],
    );
  });

  it('is not computed on the event loop', async () => {
    const slow = thread();
    const hash = hashSync('right', 4).replace('$04$', '$11$');
    const state = { ended: false };
    const checked = slow.compare({ password: 'right', hash }).finally(() => (state.ended = true));
    let turns = 0;
    while (!state.ended) {
      turns++;
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.equal(await checked, false);
    assert.ok(turns > 100, `the event loop turned ${turns} times`);
  });

  it('that nobody waits for any more is not computed, nor remembered', async () => {
    const check = new PasswordCheck(thread());
    const credentials = { user: 'alice', password: 'right' };
    assert.equal(await check.verify(USERS, credentials, () => false), false);
    assert.equal(await check.verify(USERS, credentials), true);
  });

  it('is turned away where too many wait, and one that is known is not', async () => {
    const check = new PasswordCheck(thread({ maxWaiting: 1 }));
    assert.equal(await check.verify(USERS, { user: 'bob', password: 'bobs' }), true);
    const first = check.verify(USERS, { user: 'alice', password: 'right' });
    assert.equal(await check.verify(USERS, { user: 'alice', password: 'wrong' }), undefined);
    assert.equal(await check.verify(USERS, { user: 'bob', password: 'bobs' }), true);
    assert.equal(await first, true);
  });

  it('that takes too long is an error, and the next one is checked', async () => {
    const impatient = thread({ timeoutMs: 2500 });
    const hash = ALICE.replace('$04$', '$17$');
    await assert.rejects(impatient.compare({ password: 'right', hash }), /^Error: a password could not be checked$/);
    assert.equal(await impatient.compare({ password: 'right', hash: ALICE }), true);
  });

  it('is checked by a new thread after the old one was idle', async () => {
    const restless = thread({ idleMs: 1 });
    assert.equal(await restless.compare({ password: 'right', hash: ALICE }), true);
    await setTimeout(20);
    assert.equal(await restless.compare({ password: 'right', hash: ALICE }), true);
  });
});
