import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const PROGRAM = join(import.meta.dirname, 'table_client.py');

export const TABLE_DEVICES = 4;
/** Bytes of a device: dram, l1, l1_small, trace, cb, kernel. */
export type TableTotals = readonly (readonly number[])[];
export type TableDialect = 'A' | 'B' | 'C';

/** A program that knows the protocol from its tables alone: see table_client.py. */
export class TableClient {
  readonly dialect: TableDialect;
  readonly #child: ChildProcess;
  readonly #answers: AsyncIterator<string>;
  readonly #exit: Promise<unknown>;

  constructor(path: string, dialect: TableDialect, seed: number) {
    this.dialect = dialect;
    const child = spawn('python3', [PROGRAM, path, dialect, `${seed}`], { stdio: ['pipe', 'pipe', 'inherit'] });
    child.stdin.on('error', () => undefined);
    this.#child = child;
    this.#exit = once(child, 'exit');
    this.#answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Does that many random things; gives what it holds then. */
  async run(count: number): Promise<TableTotals> {
    return (await this.#ask(`run ${count}`)) as TableTotals;
  }

  /** The answer to a QUERY. */
  async query(device: number): Promise<Buffer> {
    return Buffer.from((await this.#ask(`query ${device}`)) as string, 'hex');
  }

  /** The answer to a DEVICE_INFO_QUERY. */
  async info(device: number): Promise<Buffer> {
    return Buffer.from((await this.#ask(`info ${device}`)) as string, 'hex');
  }

  /** Reports without end. */
  async churn(): Promise<void> {
    await this.#ask('churn');
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    this.#child.kill(signal);
    await this.#exit;
  }

  async #ask(line: string): Promise<unknown> {
    this.#child.stdin?.write(`${line}\n`);
    const answer = await this.#answers.next();
    if (answer.done === true) throw new Error(`the table client ended instead of an answer to "${line}"`);
    return JSON.parse(answer.value);
  }
}

/** The sums of several clients. */
export function sumTotals(parts: readonly TableTotals[]): number[][] {
  return Array.from({ length: TABLE_DEVICES }, (_, device) =>
    Array.from({ length: 6 }, (_none, place) => parts.reduce((sum, part) => sum + (part[device]?.[place] ?? 0), 0)),
  );
}

/** The RESPONSE that a stock server of that dialect sends of these totals, from the tables. */
export function responseOf(dialect: TableDialect, device: number, totals: readonly number[]): Buffer {
  const shown = dialect === 'C' ? totals : totals.slice(0, 4);
  const frame = Buffer.alloc({ A: 72, B: 112, C: 144 }[dialect]);
  frame.writeUInt8(4, 0);
  frame.writeInt32LE(device, 4);
  for (const [place, bytes] of shown.entries()) frame.writeBigUInt64LE(BigInt(bytes), 40 + 8 * place);
  return frame;
}
