import { ProtocolError } from '../../protocol/protocol-error.ts';
import type { Outcome, ReadError, SourceRun, SourceState } from '../source.ts';
import { PeerError, keepsDialect, spoilsAnswers } from './peer-error.ts';
import { Plausibility } from './plausible.ts';
import { newDraft, readingOf } from './reading-draft.ts';
import type { ReadingDraft } from './reading-draft.ts';
import type { AllocationServerReading } from './types.ts';

/** How a run came out, short of a fault, which is thrown. */
export type RunResult =
  | { readonly kind: 'read' }
  | { readonly kind: 'absent' }
  | { readonly kind: 'rejected'; readonly reason: string; readonly message: string };

/** What a run works with. */
export interface RunTools {
  readonly draft: ReadingDraft;
  readonly plausibility: Plausibility;
  /** Aborted at the deadline, or when the source is closed. */
  readonly signal: AbortSignal;
}

/** One reading of the server: holds what has come, and turns faults into an outcome. */
export class ServerRun implements SourceRun<AllocationServerReading> {
  readonly done: Promise<void>;
  readonly #startedAt = performance.now();
  readonly #stop = new AbortController();
  readonly #draft = newDraft();
  readonly #errors: ReadError[] = [];
  #outcome: Outcome | undefined;
  #untrusted = false;
  #seconds: number | undefined;

  /** `work` reads; `failed` is told of a fault after which the dialect has to be found out anew. */
  constructor(deadline: AbortSignal, work: (tools: RunTools) => Promise<RunResult>, forgetDialect: () => void) {
    const stop = (): void => {
      this.#stop.abort();
    };
    if (deadline.aborted) stop();
    else deadline.addEventListener('abort', stop, { once: true });
    this.done = this.#run(work, forgetDialect).finally(() => {
      deadline.removeEventListener('abort', stop);
    });
  }

  /** Ends the run with what it has. */
  abort(): void {
    this.#stop.abort();
  }

  state(): SourceState<AllocationServerReading> {
    return {
      outcome: this.#outcome,
      data: this.#data(),
      errors: [...this.#errors],
      durationSeconds: this.#seconds ?? (performance.now() - this.#startedAt) / 1000,
    };
  }

  #data(): AllocationServerReading | undefined {
    if (this.#untrusted) return readingOf(newDraft(), 'untrusted');
    return this.#outcome === 'ok' || this.#draft.devices.length > 0 ? readingOf(this.#draft, 'up') : undefined;
  }

  async #run(work: (tools: RunTools) => Promise<RunResult>, forgetDialect: () => void): Promise<void> {
    const tools = { draft: this.#draft, plausibility: new Plausibility(this.#errors), signal: this.#stop.signal };
    try {
      this.#take(await work(tools));
    } catch (error) {
      this.#outcome = 'failed';
      const fault = asFault(error);
      if (!keepsDialect(fault.fault)) forgetDialect();
      if (spoilsAnswers(fault.fault)) this.#draft.devices = [];
      this.#errors.push({ reason: fault.fault, message: fault.message });
    }
    this.#seconds = (performance.now() - this.#startedAt) / 1000;
  }

  #take(result: RunResult): void {
    if (result.kind === 'read') this.#outcome = 'ok';
    else if (result.kind === 'absent') this.#outcome = 'no_data';
    else {
      this.#outcome = 'failed';
      this.#untrusted = result.reason === 'untrusted_socket';
      this.#errors.push({ reason: result.reason, message: result.message });
    }
  }
}

/** An answer that cannot be decoded is a fault of the peer; nothing else but PeerError is expected. */
function asFault(error: unknown): PeerError {
  if (error instanceof PeerError) return error;
  if (error instanceof ProtocolError)
    return new PeerError('garbage', `not an answer: ${error.message}`, { cause: error });
  return new PeerError('garbage', `unexpected: ${error instanceof Error ? error.message : String(error)}`);
}
