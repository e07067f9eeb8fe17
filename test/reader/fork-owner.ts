// A process that owns a fake reader and does nothing but say its PID, so that a test can end the owner in any way.
import { fileURLToPath } from 'node:url';
import { collectorConfig } from '../../src/flags/collector-config.ts';
import { parseCommandLine } from '../../src/flags/parse.ts';
import { silentLog } from '../../src/log/log.ts';
import { forkReader } from '../../src/reader/fork.ts';
import { SupervisedReader } from '../../src/reader/supervisor.ts';

const config = collectorConfig(parseCommandLine(process.argv.slice(2)).settings);
const script = fileURLToPath(new URL('fake-reader.ts', import.meta.url));
const reader = new SupervisedReader({
  open: () => forkReader({ script, args: [] }),
  version: '1.0.0',
  start: { type: 'start', config, logLevel: 'info', logFormat: 'logfmt' },
  log: silentLog,
});
process.on('SIGTERM', () => {
  void reader.close().then(() => process.exit(0));
});
const page = await reader.page(
  {
    collectors: undefined,
    format: 'text',
    gzip: false,
    timeoutMs: 10_000,
    own: () => Promise.resolve({ bytes: new Uint8Array(0), samples: 0 }),
  },
  new AbortController().signal,
);
const [, pid] = /version="(\d+) /.exec(Buffer.from(page.body).toString()) ?? [];
process.stderr.write(`reader=${pid ?? 'unknown'}\n`);
