import assert from 'node:assert/strict';
import { duplexPair } from 'node:stream';
import { describe, it } from 'node:test';
import { collectorConfig } from '../../src/flags/collector-config.ts';
import { defaultSettings } from '../../src/flags/parse.ts';
import { silentLog } from '../../src/log/log.ts';
import type { StartMessage } from '../../src/reader/messages.ts';
import { ReaderSession } from '../../src/reader/session.ts';
import { SupervisedReader } from '../../src/reader/supervisor.ts';
import type { Link, SupervisorOptions } from '../../src/reader/supervisor.ts';
import type { PageRequest } from '../../src/reader/types.ts';
import { eventually } from '../support/eventually.ts';
import { promptCollector, serviceOf } from '../support/fake-collector.ts';

const NEVER = new AbortController().signal;
const REQUEST: PageRequest = {
  collectors: undefined,
  format: 'text',
  gzip: false,
  timeoutMs: 2000,
  own: () => Promise.resolve({ bytes: new Uint8Array(0), samples: 0 }),
};
const START: StartMessage = {
  type: 'start',
  config: collectorConfig(defaultSettings()),
  logLevel: 'info',
  logFormat: 'logfmt',
};

type Behaviour = 'works' | 'silent' | 'refuses' | 'cannot be opened';

/** A reader behind a pair of streams, which a test can end; it is only gone when the test says so. */
class FakeLink implements Link {
  readonly stream;
  readonly #there;
  readonly #gone = Promise.withResolvers<string>();
  readonly gone = this.#gone.promise;
  abandoned = 0;

  constructor(mark: string, behaviour: Behaviour) {
    [this.stream, this.#there] = duplexPair();
    if (behaviour === 'silent') {
      this.#there.resume();
      return;
    }
    const start = (): Promise<ReturnType<typeof serviceOf>> =>
      behaviour === 'refuses'
        ? Promise.reject(new Error('bad file, line 3'))
        : Promise.resolve(serviceOf(promptCollector(mark)));
    new ReaderSession(this.#there, { version: '1.0.0', log: silentLog, service: start });
  }

  abandon(): void {
    this.abandoned++;
  }

  end(how = 'exit code 1'): void {
    this.#there.destroy();
    this.#gone.resolve(how);
  }
}

/** A supervisor over fake links; each behaves as the next of the list, the last of which stays. */
function supervise(behaviours: readonly Behaviour[], options: Partial<SupervisorOptions> = {}) {
  const links: FakeLink[] = [];
  const openedAt: number[] = [];
  let attempts = 0;
  const reader = new SupervisedReader({
    open: () => {
      openedAt.push(performance.now());
      const behaviour = behaviours[Math.min(attempts, behaviours.length - 1)] ?? 'works';
      const mark = `n${attempts++}`;
      if (behaviour === 'cannot be opened') throw new Error('no process can be started');
      const link = new FakeLink(mark, behaviour);
      links.push(link);
      return link;
    },
    version: '1.0.0',
    start: START,
    log: silentLog,
    ...options,
  });
  return { reader, links, openedAt };
}

async function mark(reader: SupervisedReader): Promise<string | undefined> {
  const { body } = await reader.page(REQUEST, NEVER);
  return /tt_driver_info\{version="(.*)"\}/.exec(Buffer.from(body).toString())?.[1];
}

describe('a supervised reader', () => {
  it('is ready once it has said hello, and a request waits for that', async () => {
    const { reader } = supervise(['works']);
    assert.equal(reader.ready(), false);
    assert.equal(await mark(reader), 'n0');
    await reader.started;
    assert.equal(reader.ready(), true);
    await reader.close();
    assert.equal(reader.ready(), false);
  });

  it('is started again at once when it dies', async () => {
    const { reader, links } = supervise(['works'], { youngMs: 0 });
    await reader.started;
    for (let round = 0; round < 5; round++) {
      assert.equal(await mark(reader), `n${round}`);
      links[round]?.end('signal SIGSEGV');
      await eventually('the next reader', () => links.length === round + 2 && reader.ready());
    }
    await reader.close();
  });

  it('is started with longer and longer pauses when it dies young', async () => {
    const { reader, links, openedAt } = supervise(['works'], { youngMs: 60_000, maxPauseMs: 150 });
    for (let round = 0; round < 5; round++) {
      await eventually('a reader', () => links.length === round + 1 && reader.ready());
      links[round]?.end();
    }
    await eventually('the sixth', () => links.length === 6);
    await reader.close();
    const pauses = openedAt.slice(1).map((at, index) => at - (openedAt[index] ?? 0));
    const atLeast = [0, 95, 145, 145, 145];
    for (const [index, pause] of pauses.entries()) {
      assert.ok(pause >= (atLeast[index] ?? 0), `pause ${index} was ${pause} ms`);
    }
  });

  it('fails requests at once, and says why, while there is none', async () => {
    const { reader } = supervise(['cannot be opened', 'cannot be opened', 'cannot be opened', 'works'], {
      maxPauseMs: 100,
    });
    await assert.rejects(reader.page(REQUEST, NEVER), /no process can be started/);
    assert.deepEqual(await reader.reload(), { ok: false, message: 'no process can be started' });
    await reader.started;
    assert.equal(await mark(reader), 'n3');
    await reader.close();
  });

  it('that refuses its first configuration is final, a later refusal is not', async () => {
    const first = supervise(['refuses']);
    await assert.rejects(first.reader.started, { name: 'ReaderRefused', message: 'bad file, line 3' });
    await assert.rejects(first.reader.page(REQUEST, NEVER), /bad file, line 3/);
    assert.equal(first.links.length, 1);
    await first.reader.close();

    const later = supervise(['works', 'refuses', 'works'], { youngMs: 0 });
    await later.reader.started;
    later.links[0]?.end();
    await eventually('a third start', () => later.links.length === 3 && later.reader.ready());
    await later.reader.close();
  });

  it('that is silent for long is left behind and replaced, and not a second one as long as it is there', async () => {
    const { reader, links } = supervise(['silent', 'silent', 'works'], { pingMs: 5, silentPings: 3, youngMs: 0 });
    await eventually('a second reader', () => links.length === 2);
    assert.equal(links[0]?.abandoned, 1);
    await assert.rejects(reader.page({ ...REQUEST, timeoutMs: 100 }, NEVER), /the reader has not started yet/);
    assert.equal(links.length, 2);
    links[0].end('signal SIGKILL');
    await eventually('a third reader', () => links.length === 3);
    assert.equal(await mark(reader), 'n2');
    await reader.close();
  });

  it('leaves no more than two behind, however they end', async () => {
    // The connections end, the processes do not: they are stuck.
    const { reader, links } = supervise(['works'], { youngMs: 0 });
    for (let round = 0; round < 2; round++) {
      await eventually('a reader', () => links.length === round + 1 && reader.ready());
      links[round]?.stream.destroy();
    }
    await assert.rejects(mark(reader), /the reader ended/);
    assert.equal(links.length, 2);
    links[0]?.end();
    await eventually('a reader', () => links.length === 3 && reader.ready());
    await reader.close();
  });

  it('is not ended by force when it is closed: it ends in its own time', async () => {
    const { reader, links } = supervise(['works']);
    await reader.started;
    await reader.close();
    assert.equal(links[0]?.abandoned, 0);
    assert.equal(links[0].stream.destroyed, true);
    await assert.rejects(reader.page(REQUEST, NEVER), /closed|ended/);
    assert.equal(links.length, 1);
  });

  it('waits no longer than somebody waits', async () => {
    const { reader } = supervise(['silent']);
    const client = new AbortController();
    const page = reader.page(REQUEST, client.signal);
    client.abort(new Error('the client is gone'));
    await assert.rejects(page, /the client is gone/);
    await reader.close();
  });
});
