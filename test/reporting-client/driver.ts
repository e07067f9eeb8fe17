/**
 * The three clients, each in a program that does what lines say: `alloc <device> <id> <size> <type>`, `free <device> <id>`,
 * `cb`, `cores`, `cbfree`, `load`, `unload`, `stats`, `failed`, `allocs` and `frees` (many in a row), `fork`, `counts`,
 * `close <milliseconds>`.
 */
import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Interface } from 'node:readline';
import { after } from 'node:test';

export const LANGUAGES = ['c', 'python', 'typescript'] as const;
export type Language = (typeof LANGUAGES)[number];

const ROOT = join(import.meta.dirname, '..', '..');
const DRIVERS = join(import.meta.dirname, 'drivers');
const C_CLIENT = join(ROOT, 'deploy', 'clients', 'c');
const WARNINGS = ['-std=c11', '-Wall', '-Wextra', '-Wpedantic', '-Wconversion', '-Wshadow', '-Werror'];

export interface DriverOptions {
  readonly socketPath: string;
  readonly frameBytes?: number;
  readonly extension?: boolean;
  readonly maxQueued?: number;
  /** In place of TT_ALLOC_TRACKING_ENABLED=1. */
  readonly tracking?: string;
}

export interface DriverCounts {
  readonly enabled: boolean;
  readonly connected: boolean;
  readonly connections: number;
  readonly sent: number;
  readonly dropped: number;
  readonly unknownFrees: number;
  readonly live: number;
}

/** Compiles the C driver into a folder with these further flags; gives the program. Throws where there is any warning. */
export function compileDriver(folder: string, name: string, flags: readonly string[] = ['-O2']): string {
  const program = join(folder, name);
  const sources = [join(C_CLIENT, 'tt_alloc_client.c'), join(DRIVERS, 'driver.c')];
  execFileSync('gcc', [...WARNINGS, ...flags, '-pthread', `-I${C_CLIENT}`, ...sources, '-o', program], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return program;
}

const running = new Set<ChildProcess>();
after(() => {
  for (const child of running) child.kill('SIGKILL');
});

/** One of the clients at work. */
export class Driver {
  readonly child: ChildProcess;
  readonly #answers: AsyncIterator<string>;
  readonly #lines: Interface;
  readonly #ended: Promise<unknown[]>;
  #errors = '';

  constructor(command: readonly string[], options: DriverOptions) {
    const { socketPath, frameBytes = 144, extension = false, maxQueued = 4096, tracking = '1' } = options;
    const [program = '', ...first] = command;
    const flags = [socketPath, `${frameBytes}`, extension ? '1' : '0', `${maxQueued}`];
    const child = spawn(program, [...first, ...flags], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: {
        ...process.env,
        TT_ALLOC_TRACKING_ENABLED: tracking,
        PYTHONPATH: join(ROOT, 'deploy', 'clients', 'python'),
        PYTHONDONTWRITEBYTECODE: '1',
      },
    });
    running.add(child);
    child.stdin.on('error', () => undefined);
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.#errors += text));
    this.child = child;
    this.#ended = once(child, 'close');
    this.#lines = createInterface({ input: child.stdout });
    this.#answers = this.#lines[Symbol.asyncIterator]();
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  say(...lines: readonly string[]): void {
    this.child.stdin?.write(`${lines.join('\n')}\n`);
  }

  async counts(): Promise<DriverCounts> {
    return (await this.ask('counts')) as DriverCounts;
  }

  async ask(line: string): Promise<unknown> {
    this.say(line);
    const answer = await this.#answers.next();
    if (answer.done === true) throw new Error(`the driver ended instead of an answer; it said:\n${this.#errors}`);
    return JSON.parse(answer.value);
  }

  /** Closes the client; gives how the program ended, and what it said on stderr. */
  async close(
    milliseconds = 2000,
  ): Promise<{ readonly code: unknown; readonly signal: unknown; readonly stderr: string }> {
    this.say(`close ${milliseconds}`);
    const [code, signal] = await this.#ended;
    running.delete(this.child);
    return { code, signal, stderr: this.#errors };
  }
}

/** `program`: the compiled C driver. */
export function startDriver(language: Language, program: string, options: DriverOptions): Driver {
  switch (language) {
    case 'c':
      return new Driver([program], options);
    case 'python':
      return new Driver(['python3', join(DRIVERS, 'driver.py')], options);
    case 'typescript':
      return new Driver([process.execPath, join(DRIVERS, 'driver-program.ts')], options);
  }
}
