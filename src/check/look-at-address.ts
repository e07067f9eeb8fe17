import { once } from 'node:events';
import { get } from '../http/node-http.ts';
import type { IncomingMessage, RequestOptions } from 'node:http';
import { createServer } from 'node:net';
import type { ListenAddress } from '../flags/listen-address.ts';
import type { AddressFact } from './types.ts';

const TIMEOUT_MS = 2000;

/** What is behind an address: asked first, because trying to listen would take a Unix socket's path. Never rejects. */
export async function lookAtAddress(address: ListenAddress): Promise<AddressFact> {
  const { text } = address;
  const state = await whoAnswers(address);
  if (address.kind === 'unix') return { address: text, state, problem: undefined };
  const { port, host } = address;
  const problem = await tryToListen({ port, ...(host === undefined ? {} : { host }) });
  if (problem === undefined) return { address: text, state: 'free', problem };
  // Whoever answers at an address that is not this host's takes nothing from anybody here.
  if (problem !== 'EADDRINUSE') return { address: text, state: 'not_possible', problem };
  return { address: text, state: state === 'free' ? 'taken' : state, problem: undefined };
}

/** `free` where nobody takes a connection. */
async function whoAnswers(address: ListenAddress): Promise<Exclude<AddressFact['state'], 'not_possible'>> {
  if (address.kind === 'tcp' && address.port === 0) return 'free';
  const everywhere = address.kind === 'tcp' && (address.host === undefined || ['0.0.0.0', '::'].includes(address.host));
  const where: RequestOptions =
    address.kind === 'unix'
      ? { socketPath: address.path }
      : { port: address.port, host: everywhere ? '127.0.0.1' : address.host };
  try {
    const request = get({ ...where, path: '/', agent: false, signal: AbortSignal.timeout(TIMEOUT_MS) });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    if (response.statusCode === 401) return 'protected';
    response.setEncoding('utf8');
    let body = '';
    for await (const part of response) {
      body += String(part);
      if (body.length > 65_536) return 'taken';
    }
    return body.includes('tenstorrent-exporter') ? 'exporter' : 'taken';
  } catch (error) {
    return ['ECONNREFUSED', 'ENOENT', 'EADDRNOTAVAIL', 'ENOTFOUND'].includes(codeOf(error)) ? 'free' : 'protected';
  }
}

/** The code of the error, undefined where it can be listened at. */
async function tryToListen(where: { readonly port: number; readonly host?: string }): Promise<string | undefined> {
  const server = createServer();
  try {
    server.listen(where);
    await once(server, 'listening');
    return undefined;
  } catch (error) {
    return codeOf(error);
  } finally {
    server.close();
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown error';
}
