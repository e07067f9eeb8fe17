import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import type { ContainedAnswer, ContainedCommand } from './workload-messages.ts';

/** Sends one command to a workload's control socket and waits until it is done. Throws what the workload says. */
export async function command(socketPath: string, message: ContainedCommand): Promise<void> {
  const connection = connect({ path: socketPath });
  try {
    await once(connection, 'connect');
    const lines = createInterface({ input: connection });
    const answered = Promise.race([once(lines, 'line'), once(lines, 'close')]);
    connection.write(`${JSON.stringify(message)}\n`);
    const [line] = (await answered) as [string?];
    if (line === undefined) throw new Error(`the workload ended before it answered "${message.kind}"`);
    const answer = JSON.parse(line) as ContainedAnswer;
    if (answer.kind === 'failed') throw new Error(`the workload failed to ${message.kind}: ${answer.message}`);
  } finally {
    connection.destroy();
  }
}
