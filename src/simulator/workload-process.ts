import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { WorkloadAnswer, WorkloadCommand } from './workload-messages.ts';

/**
 * Starts the child of a workload, with an IPC channel. `innerPid`: in a PID namespace of its own, where it has this
 * number (needs root and unshare).
 */
export function spawnWorkload(innerPid: number | undefined): ChildProcess {
  const environment = { ...process.env };
  // What is preloaded here is not meant for the workload.
  delete environment['NODE_OPTIONS'];
  const node = [process.execPath, join(import.meta.dirname, 'workload-child.ts')];
  const [program = '', ...parameters] = innerPid === undefined ? node : inNamespace(innerPid, node);
  return spawn(program, parameters, {
    env: environment,
    // unshare and the shell comment on every kill.
    stdio: ['ignore', 'inherit', innerPid === undefined ? 'inherit' : 'ignore', 'ipc'],
    serialization: 'advanced',
  });
}

function inNamespace(innerPid: number, command: readonly string[]): string[] {
  const unshare = ['unshare', '--pid', '--fork', '--kill-child'];
  if (innerPid === 1) return [...unshare, ...command];
  // The next process gets the number after the last one; the shell stays as the namespace's PID 1.
  const script = `echo ${innerPid - 1} > /proc/sys/kernel/ns_last_pid && "$@"; exit $?`;
  return [...unshare, 'sh', '-c', script, 'sh', ...command];
}

/** Sends a command and waits for its answer. Throws what the workload says, and where it ends instead of answering. */
export async function ask(child: ChildProcess, command: WorkloadCommand): Promise<WorkloadAnswer> {
  const controller = new AbortController();
  const { signal } = controller;
  try {
    const ended = Promise.race([once(child, 'exit', { signal }), once(child, 'disconnect', { signal })]);
    const answered = once(child, 'message', { signal }) as Promise<[WorkloadAnswer]>;
    child.send(command);
    const first = await Promise.race([answered, ended.then(() => undefined)]);
    if (first === undefined) throw new Error(`the workload ended before it answered "${command.kind}"`);
    const [answer] = first;
    if (answer.kind === 'failed') throw new Error(`the workload failed to ${command.kind}: ${answer.message}`);
    return answer;
  } finally {
    controller.abort();
  }
}
