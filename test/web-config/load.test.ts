import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { checkWebConfig } from '../../src/web-config/load.ts';
import { createCertificateFolder } from '../support/certificates.ts';
import type { CertificateFolder } from '../support/certificates.ts';

describe('the files of a web configuration', () => {
  let folder: CertificateFolder;
  before(async () => {
    folder = await createCertificateFolder();
    await folder.authority('ca');
    await folder.certificate('server', 'ca', 'IP:127.0.0.1');
    await folder.certificate('other', 'ca', 'IP:127.0.0.1');
    await writeFile(folder.file('junk'), '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
    await writeFile(folder.file('empty'), '');
    await writeFile(folder.file('huge'), Buffer.alloc(1024 * 1024 + 1));
    execFileSync('mkfifo', [folder.file('fifo')]);
    execFileSync('openssl', [
      ...['pkey', '-in', folder.file('server.key'), '-out', folder.file('locked.key')],
      ...['-aes128', '-passout', 'pass:x'],
    ]);
  });
  after(() => folder.remove());

  /** What is wrong, without the path of the folder. */
  async function check(...lines: string[]): Promise<string | undefined> {
    await writeFile(folder.file('web.yml'), `tls_server_config:\n${lines.map((line) => `  ${line}\n`).join('')}`);
    return (await checkWebConfig(folder.file('web.yml')))?.replaceAll(`${folder.path}/`, '');
  }

  it('are taken where certificate, key and authority are what they should be', async () => {
    const pair = ['cert_file: server.crt', 'key_file: server.key'];
    const client = ['client_auth_type: RequireAndVerifyClientCert', 'client_ca_file: ca.crt'];
    const old = ['min_version: TLS10', 'cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA]'];
    const curves = ['curve_preferences: [X25519, CurveP256, CurveP384, CurveP521]'];
    assert.equal(await check(...pair), undefined);
    assert.equal(await check(...pair, ...client), undefined);
    assert.equal(await check(...pair, ...old, ...curves), undefined);
    assert.equal(await check(`cert_file: ${folder.file('server.crt')}`, 'key_file: server.key'), undefined);
  });

  it('are refused with the line and the reason', async () => {
    const cert = 'cert_file: server.crt';
    const key = 'key_file: server.key';
    const cases: readonly (readonly [lines: readonly string[], expected: RegExp])[] = [
      [['cert_file: none', key], /^web.yml:2: cert_file none: cannot be read: ENOENT/],
      [[cert, 'key_file: none'], /^web.yml:3: key_file none: cannot be read: ENOENT/],
      [['cert_file: .', key], /^web.yml:2: cert_file .*: cannot be read: it is not a file$/],
      [['cert_file: fifo', key], /^web.yml:2: cert_file fifo: cannot be read: it is not a file$/],
      [['cert_file: huge', key], /^web.yml:2: cert_file huge: cannot be read: it is larger than 1048576 bytes$/],
      [['cert_file: empty', key], /^web.yml:2: cert_file empty: there is no certificate in PEM$/],
      [['cert_file: junk', key], /^web.yml:2: cert_file junk: a certificate in it cannot be read$/],
      [
        [cert, 'key_file: server.crt'],
        /^web.yml:3: key_file server.crt: there is no private key in PEM without a pass/,
      ],
      [
        [cert, 'key_file: locked.key'],
        /^web.yml:3: key_file locked.key: there is no private key in PEM without a pass/,
      ],
      [[cert, 'key_file: other.key'], /^web.yml:3: key_file other.key: this is not the key of the certificate/],
      [['cert: junk', key], /^web.yml:2: cert: there is no certificate in PEM$/],
      [
        [cert, key, 'client_auth_type: RequireAndVerifyClientCert', 'client_ca_file: empty'],
        /^web.yml:5: client_ca_file empty: there is no certificate in PEM$/,
      ],
      [
        [cert, key, 'client_auth_type: RequireAndVerifyClientCert', 'client_ca_file: none'],
        /^web.yml:5: client_ca_file none: cannot be read: ENOENT/,
      ],
    ];
    for (const [lines, expected] of cases) assert.match((await check(...lines)) ?? 'nothing', expected);
  });

  it('are refused where the configuration itself is not there', async () => {
    assert.match((await checkWebConfig('/nowhere/web.yml')) ?? '', /^cannot read \/nowhere\/web.yml: ENOENT/);
  });
});
