import type { Response } from 'express';

/** One line for a human. */
export function sendText(response: Response, status: number, line: string): void {
  response.status(status).set('Cache-Control', 'no-store').type('text/plain').send(`${line}\n`);
}
