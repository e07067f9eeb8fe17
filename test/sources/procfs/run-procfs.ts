/*
 * Runs the source once and prints what it read, for tests that need other rights or namespaces than their own.
 * Arguments: the root, the user to become (or -), the wanted files as JSON.
 */
import { Deadline } from '../../../src/collect/deadline.ts';
import { createProcfsSource } from '../../../src/sources/procfs/source.ts';
import type { WantedFile } from '../../../src/sources/source.ts';
import { wantedFile } from './proc-fixture.ts';
import { syncLanes } from './sync-lanes.ts';

const [root = '', user = '', wanted = ''] = process.argv.slice(2);
if (user !== '-') {
  // Only now: an ordinary user need not be able to read this file.
  process.setgroups?.([]);
  process.setgid?.(Number(user));
  process.setuid?.(Number(user));
}
const source = createProcfsSource({ path: root, lanes: syncLanes() });
const deadline = Deadline.after(20_000);
const files = (JSON.parse(wanted) as WantedFile[]).map(wantedFile);
const run = source.start({ deadline, wantedFiles: Promise.resolve(files) });
await run.done;
deadline.dispose();
const { outcome, data, errors } = run.state();
console.log(
  JSON.stringify({
    outcome,
    files: [...(data?.files ?? [])],
    processes: [...(data?.processes.values() ?? [])],
    missingRights: data?.missingRights,
    reasons: errors.map(({ reason }) => reason),
  }),
);
