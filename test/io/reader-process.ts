import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Lane } from '../../src/io/lanes.ts';
import type { Answer, Command } from './reader-child.ts';

const SCRIPT = fileURLToPath(new URL('./reader-child.ts', import.meta.url));

/** A lane reader in a process of its own, whose pool has a size of its own and which can be killed. */
export class ReaderProcess {
  readonly #child: ChildProcess;

  /** Killed when the test is over. */
  constructor(t: TestContext, poolSize: number) {
    this.#child = fork(SCRIPT, { env: { ...process.env, UV_THREADPOOL_SIZE: String(poolSize) }, execArgv: [] });
    t.after(() => this.kill());
  }

  async run(lanes: readonly Lane[], timeoutMs = 20_000): Promise<Answer> {
    return await this.#ask({ type: 'run', lanes, timeoutMs });
  }

  async close(): Promise<Answer> {
    return await this.#ask({ type: 'close' });
  }

  /** The state once it is as wanted; fails after 10 s. */
  async until(wanted: (state: Answer) => boolean): Promise<Answer> {
    for (let tries = 0; tries < 500; tries += 1) {
      const state = await this.#ask({ type: 'state' });
      if (wanted(state)) return state;
      await sleep(20);
    }
    throw new Error('the reader has not come to the wanted state within 10 s');
  }

  /** Runs until the reader has a thread that takes lanes. */
  async untilFast(lanes: readonly Lane[]): Promise<void> {
    await this.run(lanes);
    await this.until((state) => state.fast);
  }

  /** Tells the process to end by itself as soon as nothing keeps it: its exit code. */
  async leave(): Promise<number | null> {
    const exited = once(this.#child, 'exit');
    this.#child.disconnect();
    await exited;
    return this.#child.exitCode;
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
  }

  async #ask(command: Command): Promise<Answer> {
    const answered = once(this.#child, 'message');
    this.#child.send(command);
    const [answer] = (await answered) as [Answer];
    return answer;
  }
}
