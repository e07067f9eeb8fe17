import { compareSync } from 'bcryptjs';
import { parentPort } from 'node:worker_threads';

/** A password to check; the answer is a boolean. One at a time. */
export interface BcryptJob {
  readonly password: string;
  readonly hash: string;
}

parentPort?.on('message', ({ password, hash }: BcryptJob) => {
  parentPort?.postMessage(compareSync(password, hash));
});
