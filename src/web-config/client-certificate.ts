import { isIP } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { TlsConfig } from './types.ts';

/** Why this client may not connect; undefined: it may. Every policy but NoClientCert asks for a certificate. */
export function clientRefusal(
  socket: Pick<TLSSocket, 'authorized' | 'authorizationError' | 'getPeerX509Certificate'>,
  { clientAuth, clientAllowedSans }: Pick<TlsConfig, 'clientAuth' | 'clientAllowedSans'>,
): string | undefined {
  if (clientAuth === 'NoClientCert' || clientAuth === 'RequestClientCert') return undefined;
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) {
    return clientAuth === 'VerifyClientCertIfGiven' ? undefined : 'it has no certificate';
  }
  // The types promise an Error; it is a code.
  if (clientAuth !== 'RequireAnyClientCert' && !socket.authorized) return String(socket.authorizationError);
  if (clientAllowedSans === undefined) return undefined;
  const names = subjectAltNames(certificate.subjectAltName ?? '');
  return clientAllowedSans.some((allowed) => names.includes(canonical(allowed)))
    ? undefined
    : 'none of its names is in client_allowed_sans';
}

/**
 * The DNS names, addresses, e-mail addresses and URIs of Node's text of a certificate's names. Where a value has what
 * the text is made with, it is a JSON string (nodejs: crypto.md, x509.subjectAltName).
 */
export function subjectAltNames(text: string): string[] {
  const names: string[] = [];
  for (const [, kind, quoted, plain] of text.matchAll(/(?:^|, )([A-Za-z ]+):(?:("(?:[^"\\]|\\.)*")|([^,"]*))/gy)) {
    const value = quoted === undefined ? (plain ?? '') : String(JSON.parse(quoted));
    if (kind === 'IP Address') names.push(canonical(value));
    else if (kind === 'DNS' || kind === 'email' || kind === 'URI') names.push(value);
  }
  return names;
}

/** IPv6 addresses have many spellings. */
function canonical(name: string): string {
  return isIP(name) === 6 ? (URL.parse(`http://[${name}]`)?.hostname.slice(1, -1) ?? name) : name;
}
