import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { hashSync } from 'bcryptjs';
import { createSimulatedHost } from '../../src/simulator/hosts.ts';
import type { SimulatedHost } from '../../src/simulator/hosts.ts';
import { createCertificateFolder } from '../support/certificates.ts';
import type { CertificateFolder } from '../support/certificates.ts';
import { eventually } from '../support/eventually.ts';
import { startPrometheus } from '../support/prometheus.ts';
import { startProgram } from '../support/start-exporter.ts';
import type { RunningProgram } from '../support/start-exporter.ts';

const PASSWORD = 'correct horse';
const HASH = hashSync(PASSWORD, 6);

/** Three jobs: with everything that is asked for, with another password, without a certificate. */
const scrapeConfig = (target: string, folder: string) => `
global: { scrape_interval: 1s, scrape_timeout: 1s }
scrape_configs:
${job('right', target, PASSWORD, `ca_file: ${folder}/ca.crt, cert_file: ${folder}/prometheus.crt, key_file: ${folder}/prometheus.key`)}
${job('wrong-password', target, 'battery staple', `ca_file: ${folder}/ca.crt, cert_file: ${folder}/prometheus.crt, key_file: ${folder}/prometheus.key`)}
${job('no-certificate', target, PASSWORD, `ca_file: ${folder}/ca.crt`)}
`;

function job(name: string, target: string, password: string, tls: string): string {
  return `  - job_name: ${name}
    scheme: https
    basic_auth: { username: prometheus, password: ${password} }
    tls_config: { ${tls} }
    static_configs: [{ targets: ['${target}'] }]`;
}

describe('the exporter with a web configuration', () => {
  let folder: CertificateFolder;
  let host: SimulatedHost;
  before(async () => {
    host = await createSimulatedHost('n150');
    folder = await createCertificateFolder();
    await folder.authority('ca');
    await folder.certificate('server', 'ca', 'IP:127.0.0.1');
    await folder.certificate('prometheus', 'ca', 'DNS:prometheus');
    await writeFile(
      folder.file('web.yml'),
      `tls_server_config:
  cert_file: server.crt
  key_file: server.key
  client_auth_type: RequireAndVerifyClientCert
  client_ca_file: ca.crt
  client_allowed_sans: [prometheus]
basic_auth_users:
  prometheus: ${HASH}
`,
    );
  });
  after(async () => {
    await host.close();
    await folder.remove();
  });

  function start(...flags: string[]): RunningProgram {
    const file = `--web.config.file=${folder.file('web.yml')}`;
    return startProgram(['--web.listen-address=127.0.0.1:0', file, ...flags, ...host.flags()]);
  }

  it('is scraped over TLS with a client certificate and a password by a real Prometheus, and by nobody else', async () => {
    const exporter = start('--log.level=debug');
    const [, target = ''] = await exporter.waitForLine(/url="?https:\/\/([^/\s"]+)/);
    const prometheus = await startPrometheus(scrapeConfig(target, folder.path));
    try {
      const refusals = await eventually(
        'scrapes',
        async () => {
          const { activeTargets } = (await prometheus.api('targets')) as {
            activeTargets: { health: string; lastError: string; scrapePool: string }[];
          };
          const done = activeTargets.filter(({ health }) => health !== 'unknown');
          return done.length === 3 && new Map(done.map(({ scrapePool, lastError }) => [scrapePool, lastError]));
        },
        20,
      );
      assert.equal(refusals.get('right'), '');
      assert.match(refusals.get('wrong-password') ?? '', /401 Unauthorized/);
      assert.match(refusals.get('no-certificate') ?? '', /.+/);
      const up = await prometheus.query('up');
      assert.deepEqual(Object.fromEntries(up.map(({ metric, value }) => [metric['job'], value[1]])), {
        right: '1',
        'wrong-password': '0',
        'no-certificate': '0',
      });
      assert.ok((await prometheus.query('tt_device_info{job="right"}')).length > 0);
      const log = exporter.stderr();
      for (const secret of [PASSWORD, 'battery', HASH, 'BEGIN']) assert.ok(!log.includes(secret), log);
    } finally {
      await prometheus.stop();
      assert.equal(await exporter.stop(), 0);
    }
  });

  it('asks for the password on every page, the health checks too', async () => {
    await writeFile(folder.file('password.yml'), `basic_auth_users:\n  prometheus: ${HASH}\n`);
    const exporter = start(`--web.config.file=${folder.file('password.yml')}`);
    const [, url = ''] = await exporter.waitForLine(/url="?(http:\/\/[^/\s"]+)/);
    const authorization = `Basic ${Buffer.from(`prometheus:${PASSWORD}`).toString('base64')}`;
    for (const path of ['/metrics', '/-/healthy', '/-/ready', '/', '/nowhere']) {
      const without = await fetch(url + path);
      const withIt = await fetch(url + path, { headers: { authorization } });
      assert.deepEqual([path, without.status, withIt.status], [path, 401, path === '/nowhere' ? 404 : 200]);
      await Promise.all([without.text(), withIt.text()]);
    }
    assert.equal(await exporter.stop(), 0);
  });

  it('does not start with a bad file, and says where it is bad without a secret', async () => {
    await writeFile(folder.file('bad.yml'), 'basic_auth_users:\n  prometheus: hunter2\n');
    const exporter = start(`--web.config.file=${folder.file('bad.yml')}`);
    assert.deepEqual(await exporter.ended, { code: 1, signal: null });
    assert.match(
      exporter.stderr(),
      /msg="cannot start" error="[^"]*\/bad.yml:2: the password of \\"prometheus\\" is not/,
    );
    assert.ok(!exporter.stderr().includes('hunter2'), exporter.stderr());
  });
});
