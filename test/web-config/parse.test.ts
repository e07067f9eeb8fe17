import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseWebConfig } from '../../src/web-config/parse.ts';
import { WebConfigError } from '../../src/web-config/types.ts';

const FILE = '/etc/exporter/web.yml';
const HASH = '$2y$10$X0h1gDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7zG';
const PAIR = 'tls_server_config:\n  cert_file: server.crt\n  key_file: keys/server.key\n';
const OPEN = { tls: undefined, headers: [], users: new Map(), rateLimit: undefined };
const TLS = {
  cert: { field: 'cert_file', line: 2, path: '/etc/exporter/server.crt' },
  key: { field: 'key_file', line: 3, path: '/etc/exporter/keys/server.key' },
  clientCa: undefined,
  clientAuth: 'NoClientCert',
  clientAllowedSans: undefined,
  minVersion: 'TLSv1.2',
  maxVersion: 'TLSv1.3',
  ciphers: undefined,
  preferServerCiphers: true,
  curves: undefined,
};

const GOOD: readonly (readonly [name: string, text: string, expected: unknown])[] = [
  ['an empty file', '', OPEN],
  ['a file of comments', '# nothing yet\n', OPEN],
  ['empty sections', 'tls_server_config:\nhttp_server_config: {}\nbasic_auth_users:\nrate_limit: {}\n', OPEN],
  ['a certificate and its key', PAIR, { ...OPEN, tls: TLS }],
  [
    'certificates within the file',
    'tls_server_config:\n  cert: |\n    CERT\n  key: "KEY"\n',
    {
      ...OPEN,
      tls: {
        ...TLS,
        cert: { field: 'cert', line: 2, text: 'CERT\n' },
        key: { field: 'key', line: 4, text: 'KEY' },
      },
    },
  ],
  [
    'everything of TLS',
    `${PAIR}  client_auth_type: RequireAndVerifyClientCert
  client_ca_file: /etc/ca.crt
  client_allowed_sans: [prometheus.example.org, 10.0.0.1]
  min_version: TLS11
  max_version: TLS12
  prefer_server_cipher_suites: false
  cipher_suites:
    - TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256
    - TLS_AES_128_GCM_SHA256
  curve_preferences: [CurveP256, X25519]
`,
    {
      ...OPEN,
      tls: {
        ...TLS,
        clientCa: { field: 'client_ca_file', line: 5, path: '/etc/ca.crt' },
        clientAuth: 'RequireAndVerifyClientCert',
        clientAllowedSans: ['prometheus.example.org', '10.0.0.1'],
        minVersion: 'TLSv1.1',
        maxVersion: 'TLSv1.2',
        ciphers: ['ECDHE-RSA-AES128-GCM-SHA256', 'TLS_AES_128_GCM_SHA256'],
        preferServerCiphers: false,
        curves: ['P-256', 'X25519'],
      },
    },
  ],
  [
    'the old name of a policy, and empty lists',
    `${PAIR}  client_auth_type: RequireClientCert\n  cipher_suites: []\n  curve_preferences:\n`,
    { ...OPEN, tls: { ...TLS, clientAuth: 'RequireAnyClientCert' } },
  ],
  [
    'headers, of which an empty one is left out',
    `http_server_config:
  http2: true
  headers:
    X-Frame-Options: deny
    X-Content-Type-Options: nosniff
    X-XSS-Protection:
    Strict-Transport-Security: max-age=31536000
    Content-Security-Policy: "default-src 'none'"
`,
    {
      ...OPEN,
      headers: [
        ['X-Frame-Options', 'deny'],
        ['X-Content-Type-Options', 'nosniff'],
        ['Strict-Transport-Security', 'max-age=31536000'],
        ['Content-Security-Policy', "default-src 'none'"],
      ],
    },
  ],
  [
    'users, also one of digits only',
    `basic_auth_users:\n  alice: ${HASH}\n  007: "${HASH.replace('$2y$', '$2a$')}"\n`,
    {
      ...OPEN,
      users: new Map([
        ['alice', HASH],
        ['007', HASH.replace('$2y$', '$2a$')],
      ]),
    },
  ],
  [
    'a limit',
    'rate_limit:\n  interval: 1m1.5s\n  burst: 20\n',
    { ...OPEN, rateLimit: { intervalMs: 61_500, burst: 20 } },
  ],
  ['a limit that is off', 'rate_limit: { interval: 0, burst: 5 }\n', OPEN],
  ['a limit of 0 seconds', 'rate_limit: { interval: 0s }\n', OPEN],
];

const users = (line: string): string => `basic_auth_users:\n  ${line}\n`;
const tls = (...lines: string[]): string => `${PAIR}${lines.map((line) => `  ${line}\n`).join('')}`;
const limit = (line: string): string => `rate_limit:\n  ${line}\n`;

const BAD: readonly (readonly [name: string, text: string, line: number, message: RegExp])[] = [
  ['text that is not YAML', 'tls_server_config: [\n', 2, /^this is not YAML \(.+\)$/],
  ['a list', '- tls_server_config\n', 1, /^the file must be a map$/],
  ['an unknown section', `\nhttp_server: {}\n`, 2, /^unknown field "http_server" in the file: there is tls_server_c/],
  ['a section twice', `${PAIR}tls_server_config: {}\n`, 4, /^this key is there twice$/],
  ['a section that is text', 'tls_server_config: yes\n', 1, /^tls_server_config must be a map$/],
  ['a key that is a map', '{a: b}: c\n', 1, /^a key of the file must be text$/],
  [
    'an unknown field',
    tls('certfile: a'),
    4,
    /^unknown field "certfile" in tls_server_config: there is cert, cert_file/,
  ],
  ['a field that is a list', 'tls_server_config:\n  cert_file: [a]\n', 2, /^cert_file must be text$/],
  [
    'no certificate',
    'tls_server_config:\n  key_file: a\n',
    1,
    /^tls_server_config has no certificate: give cert_file$/,
  ],
  ['no key', 'tls_server_config:\n  cert_file: a\n', 1, /^tls_server_config has no key: give key_file$/],
  ['only a version', 'tls_server_config:\n  min_version: TLS13\n', 1, /has no certificate/],
  ['a certificate twice', tls('cert: a'), 4, /^cert and cert_file are both there: leave one out$/],
  ['an unknown policy', tls('client_auth_type: Always'), 4, /^client_auth_type must be one of NoClientCert, Requ/],
  ['an authority without a policy', tls('client_ca_file: a'), 4, /^client_ca_file needs a client_auth_type/],
  ['a policy without an authority', tls('client_auth_type: VerifyClientCertIfGiven'), 4, /needs a client_ca_file/],
  ['names without a policy', tls('client_allowed_sans: [a]'), 4, /^client_allowed_sans needs a client_auth_type of/],
  [
    'names where no certificate is needed',
    tls('client_ca_file: a', 'client_auth_type: VerifyClientCertIfGiven', 'client_allowed_sans: [a]'),
    6,
    /^client_allowed_sans needs a client_auth_type of/,
  ],
  [
    'names that are text',
    tls('client_auth_type: RequireAnyClientCert', 'client_allowed_sans: a'),
    5,
    /must be a list$/,
  ],
  ['an unknown version', tls('min_version: SSL30'), 4, /^min_version must be one of TLS10, TLS11, TLS12, TLS13$/],
  ['versions the wrong way round', tls('min_version: TLS13', 'max_version: TLS12'), 5, /^max_version is below min_v/],
  ['a highest version below the standard', tls('max_version: TLS11'), 4, /^max_version is below min_version/],
  ['an invented cipher', tls('cipher_suites:', '  - TLS_X'), 5, /^unknown cipher suite "TLS_X": there is TLS_AES_128/],
  ['an insecure cipher', tls('cipher_suites: [TLS_RSA_WITH_RC4_128_SHA]'), 4, /^unknown cipher suite/],
  [
    'no cipher left',
    tls('max_version: TLS12', 'cipher_suites: [TLS_AES_128_GCM_SHA256]'),
    5,
    /^cipher_suites has only/,
  ],
  ['an unknown curve', tls('curve_preferences: [P-256]'), 4, /^unknown curve "P-256": there is CurveP256, CurveP384/],
  ['a preference that is a number', tls('prefer_server_cipher_suites: 1'), 4, /must be true or false$/],
  ['http2 that is not a boolean', 'http_server_config:\n  http2: maybe\n', 2, /^http2 must be true or false$/],
  ['an unknown header', 'http_server_config:\n  headers:\n    Server: a\n', 3, /^unknown field "Server" in headers: /],
  [
    'a header with another word',
    'http_server_config:\n  headers:\n    X-Frame-Options: allow\n',
    3,
    /^X-Frame-Options must be deny or sameorigin$/,
  ],
  [
    'a header of two lines',
    'http_server_config:\n  headers:\n    X-XSS-Protection: "a\\nb"\n',
    3,
    /^X-XSS-Protection has a character/,
  ],
  ['a password as it is', users('alice: hunter2'), 2, /^the password of "alice" is not hashed with bcrypt: /],
  ['a hash that is cut off', users(`alice: ${HASH.slice(0, -1)}`), 2, /is not hashed with bcrypt/],
  ['no password', users('alice:'), 2, /is not hashed with bcrypt/],
  [
    'too high a cost',
    users(`alice: ${HASH.replace('$10$', '$31$')}`),
    2,
    /^the bcrypt cost of "alice" must be from 4 to 17$/,
  ],
  ['too low a cost', users(`alice: ${HASH.replace('$10$', '$03$')}`), 2, /^the bcrypt cost of "alice" must be/],
  ['a user with a colon', users(`"a:b": ${HASH}`), 2, /^the name of a user must not be empty and has no colon$/],
  ['an interval without a unit', limit('interval: 1'), 2, /^interval must be a duration with a unit, as in 1s/],
  ['a negative interval', limit('interval: -1s'), 2, /^interval must be a duration/],
  ['a burst that is no number', limit('burst: many'), 2, /^burst must be a whole number$/],
  ['no burst', limit('interval: 1s'), 1, /^burst must be 1 or more: without it every request is refused$/],
];

describe('a web configuration', () => {
  for (const [name, text, expected] of GOOD) {
    it(`may be ${name}`, () => {
      assert.deepEqual(parseWebConfig(text, FILE), expected);
    });
  }

  for (const [name, text, line, message] of BAD) {
    it(`is refused with ${name}, with the line`, () => {
      assert.throws(
        () => parseWebConfig(text, FILE),
        (error) => {
          assert.ok(error instanceof WebConfigError);
          const [, file, at, reason = ''] = /^(.*?):(\d+): (.*)$/.exec(error.message) ?? [];
          assert.deepEqual([file, Number(at)], [FILE, line]);
          assert.match(reason, message);
          return true;
        },
      );
    });
  }

  it('is never quoted where a secret may be', () => {
    const secrets = [
      'basic_auth_users:\n  alice: s3cret\n  alice: s3cret\n',
      'basic_auth_users:\n  alice: s3cret\n',
      'basic_auth_users:\n  - alice: s3cret\n',
      'basic_auth_users:\n  alice: "s3cret\n',
      'basic_auth_users: s3cret\n',
      'tls_server_config:\n  key: [s3cret]\n',
      'tls_server_config:\n  key: s3cret\n',
      'tls_server_config:\n  key: *s3cret\n',
      'tls_server_config:\n  key: |\n  s3cret\n',
    ];
    for (const text of secrets) {
      assert.throws(
        () => parseWebConfig(text, FILE),
        (error) => error instanceof WebConfigError && !error.message.includes('s3cret'),
        text,
      );
    }
  });
});
