import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import type { RequestOptions } from 'node:https';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import { after, afterEach, before, describe, it } from 'node:test';
import { hashSync } from 'bcryptjs';
import { silentLog } from '../../src/log/log.ts';
import { openWebSecurity } from '../../src/web-config/web-security.ts';
import type { WebSecurity } from '../../src/web-config/web-security.ts';
import { createCertificateFolder } from '../support/certificates.ts';
import type { CertificateFolder } from '../support/certificates.ts';
import { eventually } from '../support/eventually.ts';

const PAIR = 'tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n';

let folder: CertificateFolder;
before(async () => {
  folder = await createCertificateFolder();
  await folder.authority('ca');
  await folder.authority('stranger');
  await folder.certificate('server', 'ca', 'IP:127.0.0.1');
  await folder.certificate('successor', 'ca', 'IP:127.0.0.1');
  await folder.certificate('prometheus', 'ca', 'DNS:prometheus.example.org,IP:10.0.0.1');
  await folder.certificate('forged', 'stranger', 'DNS:prometheus.example.org');
});
after(() => folder.remove());

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

interface Started {
  readonly web: WebSecurity;
  readonly port: number;
  readonly reloads: boolean[];
  readonly errors: unknown[];
}

/** A server behind this configuration, which is looked at every 10 ms. */
async function start(config: string): Promise<Started> {
  await put('web.yml', config);
  const reloads: boolean[] = [];
  const errors: unknown[] = [];
  const log = { ...silentLog, error: (_msg: string, fields?: object) => errors.push(fields) };
  const onReload = (successful: boolean): void => void reloads.push(successful);
  const web = await openWebSecurity({ file: folder.file('web.yml'), log, onReload, pollMs: 10 });
  const server = web.createServer({}, (_request, response) => response.end('page'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(async () => {
    server.closeAllConnections();
    server.close();
    await web.close();
  });
  return { web, port: (server.address() as AddressInfo).port, reloads, errors };
}

/** In one step, as a good tool writes it. */
async function put(name: string, text: string): Promise<void> {
  await writeFile(folder.file(`${name}.new`), text);
  await rename(folder.file(`${name}.new`), folder.file(name));
}

function identity(name: string): RequestOptions {
  return { cert: readFileSync(folder.file(`${name}.crt`)), key: readFileSync(folder.file(`${name}.key`)) };
}

interface Answer {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
  readonly version: string | null;
  readonly cipher: string;
  readonly serverName: string;
}

/** Over a connection of its own; rejects where there is none. */
async function get(port: number, options: RequestOptions = {}): Promise<Answer> {
  const ca = readFileSync(folder.file('ca.crt'));
  const sent = request({ host: '127.0.0.1', port, ca, agent: false, ...options });
  const socket = once(sent, 'socket');
  sent.end();
  const [[response], [tls]] = (await Promise.all([once(sent, 'response'), socket])) as [[IncomingMessage], [TLSSocket]];
  const facts = {
    version: tls.getProtocol(),
    cipher: tls.getCipher().standardName,
    serverName: String(tls.getPeerCertificate().subject.CN),
  };
  const body = (await response.setEncoding('utf8').toArray()).join('');
  return { status: response.statusCode, headers: response.headers, body, ...facts };
}

async function outcome(port: number, options: RequestOptions = {}): Promise<string> {
  return get(port, options).then(
    ({ body }) => body,
    () => 'refused',
  );
}

describe('who may connect', () => {
  const policies: readonly (readonly [
    policy: string,
    expected: Record<'nobody' | 'prometheus' | 'forged', 'page' | 'refused'>,
  ])[] = [
    ['client_auth_type: NoClientCert', { nobody: 'page', prometheus: 'page', forged: 'page' }],
    ['client_auth_type: RequestClientCert', { nobody: 'page', prometheus: 'page', forged: 'page' }],
    ['client_auth_type: RequireAnyClientCert', { nobody: 'refused', prometheus: 'page', forged: 'page' }],
    [
      'client_auth_type: VerifyClientCertIfGiven\n  client_ca_file: ca.crt',
      { nobody: 'page', prometheus: 'page', forged: 'refused' },
    ],
    [
      'client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.crt',
      { nobody: 'refused', prometheus: 'page', forged: 'refused' },
    ],
    [
      'client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.crt\n  client_allowed_sans: [x, 10.0.0.1]',
      { nobody: 'refused', prometheus: 'page', forged: 'refused' },
    ],
    [
      'client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.crt\n  client_allowed_sans: [10.0.0.2]',
      { nobody: 'refused', prometheus: 'refused', forged: 'refused' },
    ],
    [
      'client_auth_type: RequireAnyClientCert\n  client_allowed_sans: []',
      { nobody: 'refused', prometheus: 'refused', forged: 'refused' },
    ],
  ];

  async function outcomes(port: number): Promise<Record<string, string>> {
    return {
      nobody: await outcome(port),
      prometheus: await outcome(port, identity('prometheus')),
      forged: await outcome(port, identity('forged')),
    };
  }

  for (const max of ['TLS12', 'TLS13']) {
    it(`is what client_auth_type says, with ${max}, also after a change`, async () => {
      const { web, port } = await start(PAIR);
      for (const [policy, expected] of policies) {
        await put('web.yml', `${PAIR}  max_version: ${max}\n  ${policy}\n`);
        assert.equal(await web.reload(), undefined);
        assert.deepEqual(await outcomes(port), expected, policy);
      }
    });
  }

  it('may not come in with a session of before', async () => {
    const rule = 'client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.crt';
    const { port } = await start(`${PAIR}  max_version: TLS12\n  ${rule}\n`);
    const sent = request({
      host: '127.0.0.1',
      port,
      ca: readFileSync(folder.file('ca.crt')),
      agent: false,
      ...identity('prometheus'),
    });
    const [socket] = (await once(sent.end(), 'socket')) as [TLSSocket];
    await once(sent, 'response');
    const session = socket.getSession();
    socket.destroy();
    assert.ok(session !== undefined);
    const resumed: RequestOptions & ConnectionOptions = { session };
    assert.equal(await outcome(port, resumed), 'refused');
  });
});

describe('TLS', () => {
  it('is of the versions and with the ciphers that are asked for', async () => {
    const { web, port } = await start(PAIR);
    assert.equal((await get(port)).version, 'TLSv1.3');
    assert.equal(
      await outcome(port, { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' }),
      'refused',
    );
    const suites = 'cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256]';
    await put(
      'web.yml',
      `${PAIR}  min_version: TLS11\n  max_version: TLS12\n  ${suites}\n  curve_preferences: [CurveP384]\n`,
    );
    assert.equal(await web.reload(), undefined);
    const ciphers = 'ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384';
    const { version, cipher } = await get(port, { ciphers });
    assert.deepEqual([version, cipher], ['TLSv1.2', 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384']);
    assert.equal(await outcome(port, { ciphers: 'ECDHE-ECDSA-CHACHA20-POLY1305' }), 'refused');
    assert.equal(await outcome(port, { ecdhCurve: 'X25519' }), 'refused');
    assert.equal(await outcome(port, { minVersion: 'TLSv1.3' }), 'refused');
    await put(
      'web.yml',
      `${PAIR}  min_version: TLS11\n  max_version: TLS12\n  ${suites}\n  prefer_server_cipher_suites: false\n`,
    );
    assert.equal(await web.reload(), undefined);
    assert.equal((await get(port, { ciphers })).cipher, 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256');
    await put('web.yml', `${PAIR}  min_version: TLS11\n  max_version: TLS11\n`);
    assert.equal(await web.reload(), undefined);
    assert.equal((await get(port, { minVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' })).version, 'TLSv1.1');
  });

  it('is gone on with after garbage, and after clients that leave in the middle', async () => {
    const { port } = await start(PAIR);
    for (const garbage of ['GET / HTTP/1.1\r\n\r\n', '\x16\x03\x01\x02']) {
      const socket = connect(port, '127.0.0.1').on('error', () => undefined);
      await once(socket, 'connect');
      socket.end(garbage);
      socket.resume();
      await once(socket, 'close');
    }
    assert.equal(await outcome(port), 'page');
  });
});

describe('a changed file', () => {
  it('is read without being told: a certificate that was replaced', async () => {
    const pair = PAIR.replaceAll('server.', 'current.');
    await put('current.crt', readFileSync(folder.file('server.crt'), 'utf8'));
    await put('current.key', readFileSync(folder.file('server.key'), 'utf8'));
    const { port, errors } = await start(pair);
    assert.equal((await get(port)).serverName, 'server');
    await put('current.crt', readFileSync(folder.file('successor.crt'), 'utf8'));
    await eventually('the half of a pair to be refused', () => errors.length > 0);
    assert.equal((await get(port)).serverName, 'server');
    await put('current.key', readFileSync(folder.file('successor.key'), 'utf8'));
    await eventually('the successor', async () => (await get(port)).serverName === 'successor');
  });

  it('that is bad leaves the last good one, until it is mended', async () => {
    const { port, reloads, errors } = await start(`${PAIR}http_server_config:\n  headers: { X-Frame-Options: deny }\n`);
    const frames = async (): Promise<unknown> => (await get(port)).headers['x-frame-options'];
    await put('web.yml', `${PAIR}http_server_config:\n  headers: { X-Frame-Options: allow }\n`);
    await eventually('the bad file', () => reloads.length > 0);
    assert.deepEqual([reloads[0], await frames()], [false, 'deny']);
    assert.deepEqual(errors[0], { error: `${folder.file('web.yml')}:5: X-Frame-Options must be deny or sameorigin` });
    await rm(folder.file('web.yml'));
    await put('web.yml', `${PAIR}http_server_config:\n  headers: { X-Frame-Options: sameorigin }\n`);
    await eventually('the mended file', async () => (await frames()) === 'sameorigin');
    assert.equal(reloads.at(-1), true);
  });

  it('that names a certificate that is not there yet is taken when it comes', async () => {
    const { port } = await start(PAIR);
    await put('web.yml', PAIR.replaceAll('server.', 'late.'));
    await put('late.key', readFileSync(folder.file('successor.key'), 'utf8'));
    await put('late.crt', readFileSync(folder.file('successor.crt'), 'utf8'));
    await eventually('the new certificate', async () => (await get(port)).serverName === 'successor');
  });

  it('does not switch TLS off', async () => {
    const { web, port } = await start(PAIR);
    await put('web.yml', '');
    assert.equal(await web.reload(), `${folder.file('web.yml')}: TLS can be switched on and off by a restart only`);
    assert.equal(await outcome(port), 'page');
  });
});

describe('every page', () => {
  it('needs the password, which may change', async () => {
    const { web, port } = await start(`${PAIR}basic_auth_users:\n  alice: ${hashSync('one', 4)}\n`);
    const status = async (auth?: string): Promise<number | undefined> =>
      (await get(port, auth === undefined ? {} : { auth })).status;
    assert.deepEqual([await status(), await status('alice:one'), await status('alice:two')], [401, 200, 401]);
    assert.equal((await get(port)).headers['www-authenticate'], 'Basic realm="tenstorrent-exporter"');
    await put('web.yml', `${PAIR}basic_auth_users:\n  alice: ${hashSync('two', 4)}\n`);
    assert.equal(await web.reload(), undefined);
    assert.deepEqual([await status(), await status('alice:one'), await status('alice:two')], [401, 401, 200]);
  });

  it('counts for the limit, also where the password is wrong', async () => {
    const { port } = await start(
      `${PAIR}rate_limit: { interval: 1h, burst: 2 }\nbasic_auth_users:\n  alice: ${hashSync('one', 4)}\n`,
    );
    const statuses = [];
    for (const auth of ['alice:no', 'alice:one', 'alice:one']) statuses.push((await get(port, { auth })).status);
    assert.deepEqual(statuses, [401, 200, 429]);
  });
});
