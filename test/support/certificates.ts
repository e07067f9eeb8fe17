import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A folder with certificates that a test makes with openssl; remove it at the end. */
export interface CertificateFolder {
  readonly path: string;
  /** Of a file in it. */
  file(name: string): string;
  /** `NAME.crt` and `NAME.key`, signed by itself. */
  authority(name: string): Promise<void>;
  /** The same, signed by an authority of this folder. `names`: `DNS:a,IP:127.0.0.1`. */
  certificate(name: string, authority: string, names: string): Promise<void>;
  remove(): Promise<void>;
}

export async function createCertificateFolder(): Promise<CertificateFolder> {
  const path = await mkdtemp(join(tmpdir(), 'certificates-'));
  const file = (name: string): string => join(path, name);
  const make = async (name: string, extension: string, more: readonly string[] = []): Promise<void> => {
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', file(`${name}.key`)];
    const out = ['-out', file(`${name}.crt`), '-days', '2', '-subj', `/CN=${name}`, '-addext', extension];
    await run('openssl', ['req', '-x509', ...key, ...out, ...more]);
  };
  return {
    path,
    file,
    authority: (name) => make(name, 'keyUsage=critical,keyCertSign'),
    certificate: (name, authority, names) =>
      make(name, `subjectAltName=${names}`, [
        '-addext',
        'basicConstraints=critical,CA:FALSE',
        '-CA',
        file(`${authority}.crt`),
        '-CAkey',
        file(`${authority}.key`),
      ]),
    remove: () => rm(path, { recursive: true, force: true }),
  };
}
