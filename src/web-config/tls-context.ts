import { createPrivateKey, constants, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import type { SecureContextOptions } from 'node:tls';
import { TLS13_CIPHERS } from './tls-names.ts';
import type { PemSource, TlsConfig } from './types.ts';

/** The contents of the files that a TlsConfig names. */
export interface TlsMaterial {
  readonly cert: string;
  readonly key: string;
  readonly clientCa: string | undefined;
}

/** How a problem with one of the sources is told; throws. */
export type Blame = (source: PemSource, message: string) => never;

const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

/** What Node's TLS is to be told. Calls `blame` where certificates and keys are not what they should be. */
export function tlsContextOptions(config: TlsConfig, material: TlsMaterial, blame: Blame): SecureContextOptions {
  checkPair(config, material, blame);
  if (config.clientCa !== undefined) certificates(config.clientCa, material.clientCa ?? '', blame);
  const { minVersion, maxVersion, preferServerCiphers, clientAuth } = config;
  // Else OpenSSL's security level refuses what min_version asks for.
  const old = minVersion === 'TLSv1' || minVersion === 'TLSv1.1';
  const ciphers = cipherList(config.ciphers, old);
  const options: SecureContextOptions = {
    cert: material.cert,
    key: material.key,
    minVersion,
    maxVersion,
    honorCipherOrder: preferServerCiphers,
    // A resumed session would bring a client in without a look at its certificate.
    ...(clientAuth === 'NoClientCert' ? {} : { secureOptions: constants.SSL_OP_NO_TICKET }),
    ...(material.clientCa === undefined ? {} : { ca: material.clientCa }),
    ...(ciphers === undefined ? {} : { ciphers }),
    ...(config.curves === undefined ? {} : { ecdhCurve: config.curves.join(':') }),
  };
  try {
    createSecureContext(options);
  } catch (error) {
    blame(config.cert, `OpenSSL does not take it: ${error instanceof Error ? error.message : String(error)}`);
  }
  return options;
}

/** Those of TLS 1.3 are on whatever the list says, as in Go. */
function cipherList(listed: readonly string[] | undefined, old: boolean): string | undefined {
  if (listed === undefined) return old ? 'DEFAULT:@SECLEVEL=0' : undefined;
  const before13 = listed.filter((cipher) => !TLS13_CIPHERS.includes(cipher));
  return [...TLS13_CIPHERS, ...before13, ...(old ? ['@SECLEVEL=0'] : [])].join(':');
}

function checkPair(config: TlsConfig, material: TlsMaterial, blame: Blame): void {
  const [own] = certificates(config.cert, material.cert, blame);
  let key;
  try {
    key = createPrivateKey(material.key);
  } catch {
    blame(config.key, 'there is no private key in PEM without a passphrase');
  }
  if (own?.checkPrivateKey(key) !== true) blame(config.key, `this is not the key of the certificate in cert_file`);
}

function certificates(source: PemSource, text: string, blame: Blame): X509Certificate[] {
  const found = text.match(PEM_CERTIFICATE) ?? [];
  if (found.length === 0) blame(source, 'there is no certificate in PEM');
  return found.map((pem) => {
    try {
      return new X509Certificate(pem);
    } catch {
      return blame(source, 'a certificate in it cannot be read');
    }
  });
}
