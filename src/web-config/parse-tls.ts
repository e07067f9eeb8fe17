import { resolve } from 'node:path';
import type { Node } from 'yaml';
import { CIPHERS, CLIENT_AUTHS, CURVES, TLS13_CIPHERS, TLS_VERSIONS } from './tls-names.ts';
import type { ClientAuth, PemSource, TlsConfig, TlsVersion } from './types.ts';
import type { Field, YamlFields } from './yaml-fields.ts';

const FIELDS = [
  'cert',
  'cert_file',
  'key',
  'key_file',
  'client_ca',
  'client_ca_file',
  'client_auth_type',
  'client_allowed_sans',
  'min_version',
  'max_version',
  'cipher_suites',
  'prefer_server_cipher_suites',
  'curve_preferences',
] as const;
type Fields = ReadonlyMap<(typeof FIELDS)[number], Field>;

const VERSION_ORDER = [...TLS_VERSIONS.values()];

/** `tls_server_config`; undefined where it says nothing. Paths are relative to `folder`. Throws WebConfigError. */
export function parseTls(yaml: YamlFields, section: Field, folder: string): TlsConfig | undefined {
  const fields = yaml.known(section.value, 'tls_server_config', FIELDS);
  if (fields.size === 0) return undefined;
  const cert = pemSource(yaml, fields, 'cert', folder);
  const key = pemSource(yaml, fields, 'key', folder);
  // Without them the toolkit would answer without TLS: that is never what the rest of the section asks for.
  if (cert === undefined) yaml.fail(section.node, 'tls_server_config has no certificate: give cert_file');
  if (key === undefined) yaml.fail(section.node, 'tls_server_config has no key: give key_file');
  const clientCa = pemSource(yaml, fields, 'client_ca', folder);
  const versions = tlsVersions(yaml, fields);
  const preferServer = fields.get('prefer_server_cipher_suites');
  return {
    cert,
    key,
    clientCa,
    ...clientRules(yaml, fields, clientCa),
    ...versions,
    ciphers: cipherSuites(yaml, fields, versions.maxVersion),
    preferServerCiphers: preferServer === undefined ? true : yaml.boolean(preferServer),
    curves: names(yaml, fields.get('curve_preferences'), CURVES, 'curve')?.map(({ name }) => name),
  };
}

function pemSource(
  yaml: YamlFields,
  fields: Fields,
  name: 'cert' | 'key' | 'client_ca',
  folder: string,
): PemSource | undefined {
  const inline = fields.get(name);
  const file = fields.get(`${name}_file`);
  const text = inline === undefined ? '' : yaml.text(inline);
  const path = file === undefined ? '' : yaml.text(file);
  if (inline !== undefined && text !== '' && path !== '') {
    yaml.fail(inline.node, `${name} and ${name}_file are both there: leave one out`);
  }
  if (file !== undefined && path !== '') {
    if (path.includes('\0')) yaml.fail(file.node, `${name}_file is not a path`);
    return { field: `${name}_file`, line: yaml.line(file.node), path: resolve(folder, path) };
  }
  if (inline === undefined || text === '') return undefined;
  return { field: name, line: yaml.line(inline.node), text };
}

/** Which clients may connect; as the toolkit has it, but nobody is verified by the public authorities alone. */
function clientRules(
  yaml: YamlFields,
  fields: Fields,
  ca: PemSource | undefined,
): Pick<TlsConfig, 'clientAuth' | 'clientAllowedSans'> {
  const type = fields.get('client_auth_type');
  const clientAuth: ClientAuth =
    type === undefined || yaml.text(type) === '' ? 'NoClientCert' : yaml.word(type, CLIENT_AUTHS);
  if (ca !== undefined && clientAuth === 'NoClientCert') {
    yaml.failAt(ca.line, `${ca.field} needs a client_auth_type, as in RequireAndVerifyClientCert`);
  }
  const verifies = clientAuth === 'RequireAndVerifyClientCert' || clientAuth === 'VerifyClientCertIfGiven';
  if (type !== undefined && verifies && ca === undefined) {
    yaml.fail(type.node, `${clientAuth} needs a client_ca_file: whose certificates are taken`);
  }
  const sans = fields.get('client_allowed_sans');
  if (sans === undefined) return { clientAuth, clientAllowedSans: undefined };
  if (clientAuth !== 'RequireAnyClientCert' && clientAuth !== 'RequireAndVerifyClientCert') {
    yaml.fail(
      sans.node,
      'client_allowed_sans needs a client_auth_type of RequireAnyClientCert or RequireAndVerifyClientCert',
    );
  }
  return { clientAuth, clientAllowedSans: yaml.texts(sans).map(({ text }) => text) };
}

function tlsVersions(yaml: YamlFields, fields: Fields): Pick<TlsConfig, 'minVersion' | 'maxVersion'> {
  const version = (name: 'min_version' | 'max_version', standard: TlsVersion): TlsVersion => {
    const field = fields.get(name);
    return field === undefined || yaml.text(field) === '' ? standard : yaml.word(field, TLS_VERSIONS);
  };
  const minVersion = version('min_version', 'TLSv1.2');
  const maxVersion = version('max_version', 'TLSv1.3');
  const wrong = fields.get('max_version') ?? fields.get('min_version');
  if (wrong !== undefined && VERSION_ORDER.indexOf(minVersion) > VERSION_ORDER.indexOf(maxVersion)) {
    yaml.fail(wrong.node, 'max_version is below min_version: no client could connect');
  }
  return { minVersion, maxVersion };
}

function cipherSuites(yaml: YamlFields, fields: Fields, maxVersion: TlsVersion): string[] | undefined {
  const field = fields.get('cipher_suites');
  const found = names(yaml, field, CIPHERS, 'cipher suite')?.map(({ name }) => name);
  if (field === undefined || found === undefined) return undefined;
  if (maxVersion !== 'TLSv1.3' && found.every((cipher) => TLS13_CIPHERS.includes(cipher))) {
    yaml.fail(field.node, 'cipher_suites has only suites of TLS 1.3, which max_version excludes');
  }
  return found;
}

/** undefined where the list is empty or not there: then the usual ones hold. */
function names(
  yaml: YamlFields,
  field: Field | undefined,
  table: ReadonlyMap<string, string>,
  what: string,
): { readonly name: string; readonly node: Node }[] | undefined {
  if (field === undefined) return undefined;
  const found = yaml.texts(field).map(({ text, node }) => {
    const name = table.get(text);
    if (name === undefined) yaml.fail(node, `unknown ${what} "${text}": there is ${[...table.keys()].join(', ')}`);
    return { name, node };
  });
  return found.length === 0 ? undefined : found;
}
