import { CapacityConfigError, parseCapacityConfig } from '../../../src/capacity/config.ts';
import { parseWebConfig } from '../../../src/web-config/parse.ts';
import { WebConfigError } from '../../../src/web-config/types.ts';
import { card } from '../../support/readings.ts';
import type { FuzzTarget } from '../engine/target.ts';
import { checkPage } from '../oracles/page.ts';
import { unlessRefused } from '../oracles/refusal.ts';

const P150 = card({ index: 0, arch: 'blackhole', board: 'p150a', serial: 0x0000040131924062n, driverIndex: 0 });

/** `--capacity.config.file`, to the page. */
export const CAPACITY_FILE: FuzzTarget = {
  name: 'capacity-file',
  seeds: () => [
    Buffer.from(
      'boards:\n  p150a: { cores: 120, l1_bytes_per_core: 1572864 }\nserials:\n  0000040131924062: { dram_bytes: 34359738368 }\n',
    ),
    Buffer.from('# nothing\n'),
  ],
  tokens: [
    'boards:',
    'serials:',
    'p150a',
    'cores:',
    '&a ',
    '*a',
    '<<: *a',
    '!!int ',
    '? ',
    '- ',
    '|\n',
    '{',
    '}',
    '---\n',
    '0x',
    '\t',
  ],
  maxBytes: 2048,
  run(input) {
    const config = unlessRefused([CapacityConfigError], () => parseCapacityConfig(input.toString(), 'capacity.yml'));
    if (config !== undefined) checkPage({ sysfs: { driverVersion: undefined, cards: [P150] }, capacityConfig: config });
  },
};

/** `--web.config.file`. */
export const WEB_FILE: FuzzTarget = {
  name: 'web-file',
  seeds: () => [
    Buffer.from(`tls_server_config:
  cert_file: a.crt
  key_file: a.key
  client_auth_type: RequireAndVerifyClientCert
  client_ca_file: ca.crt
  min_version: TLS12
  cipher_suites: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256]
http_server_config:
  headers:
    X-Frame-Options: deny
basic_auth_users:
  alice: $2y$10$abcdefghijklmnopqrstuvABCDEFGHIJKLMNOPQRSTUVWXYZ01234
rate_limit:
  interval: 1s
  burst: 5
`),
  ],
  tokens: [
    'tls_server_config:',
    'basic_auth_users:',
    'rate_limit:',
    'interval: ',
    'burst: ',
    'TLS13',
    '$2y$31$',
    '&a ',
    '*a',
    '{',
    '? ',
    '---\n',
    '\t',
  ],
  maxBytes: 4096,
  run(input) {
    unlessRefused([WebConfigError], () => parseWebConfig(input.toString(), '/etc/web.yml'));
  },
};
