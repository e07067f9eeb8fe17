import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { SecureContextOptions } from 'node:tls';
import { errorText } from '../log/log.ts';
import { parseWebConfig } from './parse.ts';
import { fileVersion } from './settled-change.ts';
import { tlsContextOptions } from './tls-context.ts';
import { WebConfigError } from './types.ts';
import type { PemSource, WebConfig } from './types.ts';

/** A web configuration with all that it needs, checked. */
export interface LoadedWebConfig {
  readonly config: WebConfig;
  /** undefined: HTTP without TLS. */
  readonly tls: SecureContextOptions | undefined;
  /** Every file that was read, by path, with what tells that it has changed. */
  readonly files: ReadonlyMap<string, string>;
}

/** Of certificates with long chains some 10 kB; more is a mistake in the path. */
const MAX_BYTES = 1024 * 1024;

/** Reads the file, its certificates and keys. Rejects with WebConfigError: file, line, and what to do. */
export async function loadWebConfig(file: string): Promise<LoadedWebConfig> {
  const files = new Map<string, string>();
  const text = await readSmall(file, files).catch((error: unknown) => {
    throw new WebConfigError(`cannot read ${file}: ${errorText(error)}`);
  });
  const config = parseWebConfig(text, file);
  if (config.tls === undefined) return { config, tls: undefined, files };
  const blame = ({ field, line, ...where }: PemSource, message: string): never => {
    throw new WebConfigError(`${file}:${line}: ${field}${'path' in where ? ` ${where.path}` : ''}: ${message}`);
  };
  const pem = async (source: PemSource): Promise<string> => {
    if ('text' in source) return source.text;
    try {
      return await readSmall(source.path, files);
    } catch (error) {
      return blame(source, `cannot be read: ${errorText(error)}`);
    }
  };
  const { cert, key, clientCa } = config.tls;
  const material = {
    cert: await pem(cert),
    key: await pem(key),
    clientCa: clientCa === undefined ? undefined : await pem(clientCa),
  };
  return { config, tls: tlsContextOptions(config.tls, material, blame), files };
}

/** What is wrong with the file, in one line that quotes no secret; undefined: nothing. */
export async function checkWebConfig(file: string): Promise<string | undefined> {
  try {
    await loadWebConfig(file);
    return undefined;
  } catch (error) {
    if (error instanceof WebConfigError) return error.message;
    throw error;
  }
}

async function readSmall(path: string, files: Map<string, string>): Promise<string> {
  // A FIFO would block the open.
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = await handle.stat({ bigint: true });
    if (!stats.isFile()) throw new Error('it is not a file');
    if (stats.size > MAX_BYTES) throw new Error(`it is larger than ${MAX_BYTES} bytes`);
    files.set(path, fileVersion(stats));
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}
