import assert from 'node:assert/strict';
import { once } from 'node:events';
import { duplexPair } from 'node:stream';
import type { Duplex } from 'node:stream';
import { describe, it } from 'node:test';
import { silentLog } from '../../src/log/log.ts';
import { ReaderConnection } from '../../src/reader/connection.ts';
import { encodeFrameHead, FrameDecoder, ProtocolError } from '../../src/reader/frames.ts';
import type { StartMessage } from '../../src/reader/messages.ts';
import type { PageService } from '../../src/reader/page-service.ts';
import { ReaderSession } from '../../src/reader/session.ts';
import type { SessionOptions } from '../../src/reader/session.ts';
import { ReaderRefused } from '../../src/reader/types.ts';
import type { OwnFamilies, PageRequest } from '../../src/reader/types.ts';
import { collectorConfig } from '../../src/flags/collector-config.ts';
import { eventually } from '../support/eventually.ts';
import { defaultSettings } from '../../src/flags/parse.ts';
import {
  COLLECTOR_NAMES,
  emptySnapshot,
  FakeCollector,
  promptCollector,
  serviceOf,
} from '../support/fake-collector.ts';

const NEVER = new AbortController().signal;
const REQUEST: PageRequest = {
  collectors: undefined,
  format: 'text',
  gzip: false,
  timeoutMs: 1000,
  own: () => Promise.resolve({ bytes: Buffer.from('own 1\n'), samples: 1 }),
};
const START: StartMessage = {
  type: 'start',
  config: collectorConfig(defaultSettings()),
  logLevel: 'info',
  logFormat: 'logfmt',
};

interface Ends {
  readonly connection: ReaderConnection;
  readonly hello: Promise<undefined>;
  readonly closed: Promise<Error>;
  readonly session: ReaderSession;
}

function connect(service: SessionOptions['service'], start?: StartMessage): Ends {
  const [here, there] = duplexPair();
  const session = new ReaderSession(there, { version: '1.0.0', log: silentLog, service });
  return { session, ...dial(here, start) };
}

function dial(stream: Duplex, start?: StartMessage): Omit<Ends, 'session'> {
  const hello = Promise.withResolvers<undefined>();
  const closed = Promise.withResolvers<Error>();
  const connection = new ReaderConnection(stream, {
    version: '1.0.0',
    start,
    onHello: () => {
      hello.resolve(undefined);
    },
    onClose: closed.resolve,
  });
  return { connection, hello: hello.promise, closed: closed.promise };
}

async function bodyOf(page: Promise<{ readonly body: Uint8Array }>): Promise<string> {
  return Buffer.from((await page).body).toString();
}

describe('a connection to a reader', () => {
  it('greets, and gets a page with the own families in it', async () => {
    const { connection, hello } = connect(serviceOf(promptCollector('2.0.0')));
    await hello;
    assert.deepEqual(connection.collectors, COLLECTOR_NAMES);
    const body = await bodyOf(connection.page(REQUEST, NEVER));
    assert.match(body, /tt_driver_info\{version="2.0.0"\} 1\n[^]*\nown 1\n$/);
    connection.close(new Error('done'));
  });

  it('has the reader at work before it asks for the own families', async () => {
    const collector = promptCollector('2.0.0');
    const { connection, hello } = connect(serviceOf(collector));
    await hello;
    const own = Promise.withResolvers<OwnFamilies>();
    const page = connection.page({ ...REQUEST, own: () => own.promise }, NEVER);
    await eventually('the collection', () => collector.requests.length === 1);
    own.resolve({ bytes: Buffer.from('late 1\n'), samples: 1 });
    assert.match(await bodyOf(page), /tt_exporter_series 14\nlate 1\n$/);
    connection.close(new Error('done'));
  });

  it('sends own families that nobody waits for any more, so that the reader does not wait either', async () => {
    const collector = promptCollector('2.0.0');
    const { connection, hello } = connect(serviceOf(collector));
    await hello;
    const gone = new AbortController();
    // As many as the reader takes at the same time.
    const pages = Array.from({ length: 256 }, () => connection.page(REQUEST, gone.signal).catch(() => 'given up'));
    gone.abort(new Error('the client is gone'));
    assert.deepEqual(new Set(await Promise.all(pages)), new Set(['given up']));
    await eventually('a free place', () =>
      bodyOf(connection.page(REQUEST, NEVER)).then(
        (body) => body.endsWith('own 1\n'),
        () => false,
      ),
    );
    connection.close(new Error('done'));
  });

  it('hands its configuration to a reader that was forked', async () => {
    let started: StartMessage | undefined;
    const service = (message: StartMessage): Promise<PageService> => {
      started = message;
      return Promise.resolve(serviceOf(promptCollector('1')));
    };
    const { connection, hello } = connect(service, START);
    await hello;
    assert.deepEqual(started, JSON.parse(JSON.stringify(START)));
    connection.close(new Error('done'));
  });

  it('is told why a reader does not start', async () => {
    const { closed } = connect(() => Promise.reject(new Error('bad file, line 3')), START);
    const reason = await closed;
    assert.ok(reason instanceof ReaderRefused);
    assert.equal(reason.message, 'bad file, line 3');
  });

  it('cannot give its configuration to a reader with flags of its own', async () => {
    const { closed } = connect(serviceOf(promptCollector('1')), START);
    const reason = await closed;
    assert.ok(reason instanceof ReaderRefused);
    assert.match(reason.message, /has its own flags/);
  });

  it('gets answers to several questions in any order', async () => {
    const gates = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
    let asked = 0;
    const collector = new FakeCollector(async () => {
      const mine = asked++;
      await gates[mine]?.promise;
      return emptySnapshot(`n${mine}`);
    });
    const { connection, hello } = connect(serviceOf(collector));
    await hello;
    const pages = [connection.page(REQUEST, NEVER), connection.page(REQUEST, NEVER)] as const;
    gates[1]?.resolve(undefined);
    assert.match(await bodyOf(pages[1]), /version="n1"/);
    gates[0]?.resolve(undefined);
    assert.match(await bodyOf(pages[0]), /version="n0"/);
    connection.close(new Error('done'));
  });

  it('stops waiting when the time is over or nobody waits, and the collection goes on', async () => {
    const gate = Promise.withResolvers<undefined>();
    const collector = new FakeCollector(async () => {
      await gate.promise;
      return emptySnapshot('late');
    });
    const { connection, hello } = connect(serviceOf(collector));
    await hello;
    await assert.rejects(connection.page({ ...REQUEST, timeoutMs: 1 }, NEVER), /did not answer within 0.25 s/);
    const client = new AbortController();
    const aborted = connection.page(REQUEST, client.signal);
    client.abort(new Error('the client is gone'));
    await assert.rejects(aborted, /the client is gone/);
    const patient = connection.page(REQUEST, NEVER);
    gate.resolve(undefined);
    assert.match(await bodyOf(patient), /version="late"/);
    assert.equal(collector.requests.length, 3);
    connection.close(new Error('done'));
  });

  it('is told what failed on the other side', async () => {
    const { connection, hello } = connect(serviceOf(new FakeCollector(() => Promise.reject(new Error('cannot join')))));
    await hello;
    await assert.rejects(connection.page(REQUEST, NEVER), /cannot join/);
    connection.close(new Error('done'));
  });

  it('passes a reload on', async () => {
    const collector = promptCollector('1');
    const { connection, hello } = connect(serviceOf(collector));
    await hello;
    assert.deepEqual(await connection.reload(), { ok: true });
    collector.reloadResult = { ok: false, message: 'line 3' };
    assert.deepEqual(await connection.reload(), { ok: false, message: 'line 3' });
    connection.close(new Error('done'));
  });

  it('counts questions without any sign of life, also before the greeting', async () => {
    const { connection, session } = connect(() => new Promise(() => undefined), START);
    connection.ping();
    connection.ping();
    assert.equal(connection.unansweredPings, 2);
    await eventually('an answer', () => connection.unansweredPings === 0);
    connection.close(new Error('done'));
    await session.closed;
  });

  it('ends on both sides when one goes away, and whoever waits is told', async () => {
    const { connection, session, hello, closed } = connect(
      serviceOf(new FakeCollector(() => new Promise(() => undefined))),
    );
    await hello;
    const page = connection.page(REQUEST, NEVER);
    connection.close(new Error('closed here'));
    await assert.rejects(page, /closed here/);
    assert.equal((await closed).message, 'closed here');
    await session.closed;
    await assert.rejects(connection.page(REQUEST, NEVER), /the reader ended/);
  });
});

describe('two sides that do not understand each other', () => {
  it('part with both versions named when the exporter is another one', async () => {
    const [here, there] = duplexPair();
    const session = new ReaderSession(there, {
      version: '1.0.0',
      log: silentLog,
      service: serviceOf(promptCollector('1')),
    });
    const decoder = new FrameDecoder(0);
    here.write(encodeFrameHead({ type: 'hello', protocol: 99, version: '9.0.0' }));
    const [chunk] = (await once(here, 'data')) as [Uint8Array];
    assert.deepEqual(
      decoder.push(chunk).map((frame) => frame.head),
      [
        {
          type: 'refused',
          message:
            'the reader is version 1.0.0 (protocol 3), the exporter version 9.0.0 (protocol 99): use the same version',
        },
      ],
    );
    here.end();
    await session.closed;
  });

  it('part with both versions named when the reader is another one', async () => {
    const [here, there] = duplexPair();
    const { closed } = dial(here);
    there.write(encodeFrameHead({ type: 'hello', protocol: 99, version: '9.0.0' }));
    const reason = await closed;
    assert.ok(reason instanceof ReaderRefused);
    assert.match(reason.message, /reader is version 9.0.0 \(protocol 99\), the exporter version 1.0.0 \(protocol 3\)/);
  });

  it('part when one of them speaks something else', async () => {
    const [here, there] = duplexPair();
    const session = new ReaderSession(there, {
      version: '1',
      log: silentLog,
      service: serviceOf(promptCollector('1')),
    });
    here.resume();
    here.write('GET / HTTP/1.1\r\n\r\n');
    await session.closed;

    const [mine, theirs] = duplexPair();
    const { closed } = dial(mine);
    theirs.write('HTTP/1.1 400 Bad Request\r\n\r\n');
    assert.ok((await closed) instanceof ProtocolError);
  });
});
