/** What `--web.config.file` says, in the format of Prometheus's exporter-toolkit (docs/web-configuration.md). */
export interface WebConfig {
  /** undefined: HTTP without TLS. */
  readonly tls: TlsConfig | undefined;
  /** Added to every answer. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** bcrypt hashes by user name; empty: nobody is asked for a password. */
  readonly users: ReadonlyMap<string, string>;
  /** undefined: no limit. */
  readonly rateLimit: RateLimitConfig | undefined;
}

export interface RateLimitConfig {
  /** Between two requests, in the long run. */
  readonly intervalMs: number;
  /** How many may come at once. */
  readonly burst: number;
}

/** crypto/tls's ClientAuthType, by its names in Go. */
export type ClientAuth =
  | 'NoClientCert'
  | 'RequestClientCert'
  | 'RequireAnyClientCert'
  | 'VerifyClientCertIfGiven'
  | 'RequireAndVerifyClientCert';

export type TlsVersion = 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';

export interface TlsConfig {
  readonly cert: PemSource;
  readonly key: PemSource;
  readonly clientCa: PemSource | undefined;
  readonly clientAuth: ClientAuth;
  /** undefined: any. */
  readonly clientAllowedSans: readonly string[] | undefined;
  readonly minVersion: TlsVersion;
  readonly maxVersion: TlsVersion;
  /** OpenSSL's names; undefined: the usual ones. */
  readonly ciphers: readonly string[] | undefined;
  readonly preferServerCiphers: boolean;
  /** OpenSSL's names; undefined: the usual ones. */
  readonly curves: readonly string[] | undefined;
}

/** Where something in PEM is: in a file, or in the configuration itself. `line`: of the configuration, from 1. */
export type PemSource =
  | { readonly field: string; readonly line: number; readonly path: string }
  | { readonly field: string; readonly line: number; readonly text: string };

/** The file is not what it should be. The message has its name and line, and never a secret. */
export class WebConfigError extends Error {
  override readonly name = 'WebConfigError';
}
