import { validateHeaderValue } from '../http/node-http.ts';
import { dirname } from 'node:path';
import { parseTls } from './parse-tls.ts';
import type { RateLimitConfig, WebConfig } from './types.ts';
import { YamlFields } from './yaml-fields.ts';
import type { Field } from './yaml-fields.ts';

const SECTIONS = ['tls_server_config', 'http_server_config', 'basic_auth_users', 'rate_limit'] as const;

/** Headers that may be set; with words, only to one of them. */
const HEADERS: ReadonlyMap<string, readonly string[]> = new Map([
  ['Content-Security-Policy', []],
  ['X-Frame-Options', ['deny', 'sameorigin']],
  ['X-Content-Type-Options', ['nosniff']],
  ['X-XSS-Protection', []],
  ['Strict-Transport-Security', []],
]);

/**
 * Decodes the text of a web configuration file; `file` is its path, to which others in it are relative. Throws
 * WebConfigError with the file and the line. Certificates are not read here.
 */
export function parseWebConfig(text: string, file: string): WebConfig {
  const yaml = new YamlFields(text, file);
  const sections = yaml.known(yaml.root, 'the file', SECTIONS);
  const tls = sections.get('tls_server_config');
  const http = sections.get('http_server_config');
  const users = sections.get('basic_auth_users');
  const limit = sections.get('rate_limit');
  return {
    tls: tls === undefined ? undefined : parseTls(yaml, tls, dirname(file)),
    headers: http === undefined ? [] : parseHttp(yaml, http),
    users: users === undefined ? new Map() : parseUsers(yaml, users),
    rateLimit: limit === undefined ? undefined : parseRateLimit(yaml, limit),
  };
}

/** `http2` is checked and not used: HTTP/1.1 is what is spoken. */
function parseHttp(yaml: YamlFields, section: Field): [string, string][] {
  const fields = yaml.known(section.value, 'http_server_config', ['http2', 'headers']);
  const http2 = fields.get('http2');
  if (http2 !== undefined) yaml.boolean(http2);
  const headers = yaml.known(fields.get('headers')?.value ?? null, 'headers', [...HEADERS.keys()]);
  return [...headers].flatMap(([name, field]): [string, string][] => {
    const value = yaml.text(field);
    const words = HEADERS.get(name) ?? [];
    if (value === '') return [];
    if (words.length > 0 && !words.includes(value)) yaml.fail(field.node, `${name} must be ${words.join(' or ')}`);
    try {
      validateHeaderValue(name, value);
    } catch {
      yaml.fail(field.node, `${name} has a character that a header cannot have`);
    }
    return [[name, value]];
  });
}

/** OpenBSD's modular crypt format: version, cost, 22 characters of salt and 31 of hash. */
const BCRYPT = /^\$2[abxy]?\$(\d\d)\$[./A-Za-z0-9]{53}$/;
const MIN_COST = 4;
/** A try takes some 15 s then; one more of cost doubles it. */
const MAX_COST = 17;

function parseUsers(yaml: YamlFields, section: Field): Map<string, string> {
  const users = new Map<string, string>();
  for (const field of yaml.fields(section.value, 'basic_auth_users')) {
    if (field.key === '' || field.key.includes(':')) {
      yaml.fail(field.node, 'the name of a user must not be empty and has no colon');
    }
    const hash = yaml.text(field);
    const cost = Number(BCRYPT.exec(hash)?.[1]);
    if (Number.isNaN(cost)) {
      yaml.fail(field.node, `the password of "${field.key}" is not hashed with bcrypt: use htpasswd -nBC 10 ""`);
    }
    if (cost < MIN_COST || cost > MAX_COST) {
      yaml.fail(field.node, `the bcrypt cost of "${field.key}" must be from ${MIN_COST} to ${MAX_COST}`);
    }
    users.set(field.key, hash);
  }
  return users;
}

const UNIT_MS: Readonly<Record<string, number>> = { ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1000, m: 60_000, h: 3.6e6 };

function parseRateLimit(yaml: YamlFields, section: Field): RateLimitConfig | undefined {
  const fields = yaml.known(section.value, 'rate_limit', ['interval', 'burst']);
  const interval = fields.get('interval');
  const burst = fields.get('burst');
  const burstText = burst === undefined ? '0' : yaml.text(burst);
  if (burst !== undefined && !/^\d{1,9}$/.test(burstText)) yaml.fail(burst.node, 'burst must be a whole number');
  const intervalMs = interval === undefined ? 0 : parseDuration(yaml, interval);
  if (intervalMs === 0) return undefined;
  if (Number(burstText) === 0) {
    yaml.fail((burst ?? section).node, 'burst must be 1 or more: without it every request is refused');
  }
  return { intervalMs, burst: Number(burstText) };
}

/** Of Go (time.ParseDuration), without a sign. */
function parseDuration(yaml: YamlFields, field: Field): number {
  const text = yaml.text(field);
  if (text === '0') return 0;
  if (!/^(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$/.test(text)) {
    yaml.fail(field.node, `${field.key} must be a duration with a unit, as in 1s or 500ms; 0 for no limit`);
  }
  let ms = 0;
  for (const [, number, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)) {
    ms += Number(number) * (UNIT_MS[unit ?? ''] ?? NaN);
  }
  return ms;
}
