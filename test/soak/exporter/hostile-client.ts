import { createConnection } from 'node:net';
import type { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

const PAGE = 'GET /metrics HTTP/1.1\r\nHost: x\r\n';

/** What it sends on a connection, and how long it stays. */
const TRICKS: readonly { readonly bytes: string; readonly stayMs: number; readonly scrapes: boolean }[] = [
  { bytes: `${PAGE}\r\n`, stayMs: 0, scrapes: true },
  { bytes: `${PAGE}\r\n`, stayMs: 3, scrapes: true },
  { bytes: `${PAGE}Accept-Encoding: gzip\r\n\r\n`, stayMs: 20, scrapes: true },
  { bytes: PAGE, stayMs: 1500, scrapes: false },
  { bytes: `${PAGE}X: ${'x'.repeat(100_000)}\r\n\r\n`, stayMs: 200, scrapes: false },
  { bytes: '\0\r\n\xff\xff nonsense', stayMs: 100, scrapes: false },
  { bytes: '', stayMs: 1500, scrapes: false },
  { bytes: 'POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\nxxxx', stayMs: 500, scrapes: true },
  // Answers are not read: many pages in one go, then silence.
  { bytes: `${PAGE}\r\n`.repeat(8), stayMs: 1500, scrapes: true },
];

/** Some connections of each kind at once; resolves when they are closed again. `scraped` is told of each page that is asked for. */
export async function beHostile(url: string, each: number, scraped: () => void): Promise<void> {
  const { hostname, port } = new URL(url);
  const tricks = TRICKS.flatMap((trick) => Array.from({ length: each }, () => trick));
  await Promise.all(
    tricks.map(async ({ bytes, stayMs, scrapes }) => {
      const socket: Socket = createConnection({ host: hostname, port: Number(port) });
      socket.on('error', () => undefined).pause();
      if (scrapes) scraped();
      socket.write(bytes, 'latin1');
      await pause(stayMs);
      socket.destroy();
    }),
  );
}
