import type { Outcome, ReadError, SourceRun, SourceState } from '../source.ts';
import { deviceOwners } from './device-owners.ts';
import { KubeletError } from './kubelet-error.ts';
import type { PodLogs } from './pod-logs.ts';
import type { PodResourcesClient } from './pod-resources.ts';
import type { KubernetesReading, PodLogsReading, PodResourcesReading } from './types.ts';

/** Ids that are quoted in a message. */
const QUOTED = 3;

/** One reading of both: what the one has does not wait for the other, and what fails costs only itself. */
export class KubernetesRun implements SourceRun<KubernetesReading> {
  readonly done: Promise<void>;
  readonly #startedAt = performance.now();
  readonly #errors: ReadError[] = [];
  #podLogs: PodLogsReading | undefined;
  #podResources: PodResourcesReading | undefined;
  #failed = false;
  #over: { readonly durationSeconds: number } | undefined;

  constructor(logs: PodLogs, resources: PodResourcesClient | undefined, signal: AbortSignal) {
    this.done = this.#run(logs, resources, signal);
  }

  state(): SourceState<KubernetesReading> {
    const outcome = this.#over === undefined ? undefined : this.#outcome();
    return {
      outcome,
      data: outcome === 'no_data' ? undefined : { podLogs: this.#podLogs, podResources: this.#podResources },
      errors: [...this.#errors],
      durationSeconds: this.#over?.durationSeconds ?? this.#elapsed(),
    };
  }

  #outcome(): Outcome {
    if (this.#failed) return 'failed';
    return this.#podLogs === undefined && this.#podResources === undefined ? 'no_data' : 'ok';
  }

  async #run(logs: PodLogs, resources: PodResourcesClient | undefined, signal: AbortSignal): Promise<void> {
    // Nothing is read before start() has returned.
    await Promise.resolve();
    await Promise.all([this.#readLogs(logs, signal), resources && this.#readResources(resources, signal)]);
    this.#over = { durationSeconds: this.#elapsed() };
  }

  async #readLogs(logs: PodLogs, signal: AbortSignal): Promise<void> {
    const { reading, errors } = await logs.refresh(signal);
    this.#podLogs = reading;
    this.#errors.push(...errors);
    this.#failed ||= reading === undefined && errors.length > 0;
  }

  async #readResources(resources: PodResourcesClient, signal: AbortSignal): Promise<void> {
    try {
      const { reading, unresolved } = deviceOwners((await resources.list(signal)).podResources);
      this.#podResources = reading;
      if (unresolved.length > 0) this.#errors.push(unresolvedError(unresolved));
    } catch (error) {
      this.#failed = true;
      const reason = error instanceof KubeletError ? error.fault : 'unexpected';
      this.#errors.push({ reason, message: error instanceof Error ? error.message : String(error) });
    }
  }

  #elapsed(): number {
    return (performance.now() - this.#startedAt) / 1000;
  }
}

function unresolvedError(unresolved: readonly string[]): ReadError {
  const quoted = unresolved.slice(0, QUOTED).map((id) => JSON.stringify(id.slice(0, 80)));
  const message = `the kubelet names ${unresolved.length} devices in a way that does not say which they are: ${quoted.join(', ')}`;
  return { reason: 'unresolved_device', message };
}
