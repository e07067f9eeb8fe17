import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createSimulatedHost } from '../../src/simulator/hosts.ts';
import type { HostKind } from '../../src/simulator/host-kinds.ts';
import type { SimulatedHost } from '../../src/simulator/hosts.ts';
import { parseExposition } from '../support/exposition-parser.ts';
import { BOOT_TIME, populateHost } from '../support/populate-host.ts';
import { startExporter, startProgram } from '../support/start-exporter.ts';

interface Part {
  readonly device: string;
  readonly allocated_bytes: Readonly<Record<string, number | null>>;
}

interface Document {
  readonly taken_at_seconds: number;
  readonly devices: readonly Part[];
  readonly processes: readonly {
    readonly pid: string;
    readonly devices: readonly Part[];
    readonly age_seconds: unknown;
  }[];
}

async function withHost(kind: HostKind, use: (host: SimulatedHost) => Promise<void>): Promise<void> {
  const host = await createSimulatedHost(kind, { bootTime: BOOT_TIME });
  try {
    populateHost(host);
    await use(host);
  } finally {
    await host.close();
  }
}

async function run(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const program = startProgram(args, { env: { COLUMNS: '80', LC_ALL: 'C.UTF-8', ...env } });
  const { code } = await program.ended;
  return { code, stdout: program.stdout(), stderr: program.stderr() };
}

/** `device pid type` to bytes, of a document. */
function bytesOf(document: Document): string[] {
  return document.processes
    .flatMap(({ pid, devices }) =>
      devices.flatMap(({ device, allocated_bytes }) =>
        Object.entries(allocated_bytes).flatMap(([type, bytes]) =>
          bytes === null ? [] : [`${device} ${pid} ${type} ${bytes}`],
        ),
      ),
    )
    .sort();
}

/** The same, of a page. */
function bytesOfPage(page: string): string[] {
  return parseExposition(Buffer.from(page), 'text')
    .filter(({ name }) => /^tt_(dram|l1)_allocated_bytes$/.test(name))
    .flatMap(({ samples }) => samples)
    .map(({ labels, value }) => `${labels['device']} ${labels['pid']} ${labels['type']} ${value}`)
    .sort();
}

/** Without what moves from one reading to the next. */
function still(document: Document): object {
  const processes = document.processes.map((process) => ({ ...process, age_seconds: 0 }));
  return { ...document, taken_at_seconds: 0, processes };
}

describe('tenstorrent-exporter smi', () => {
  it('has the numbers of the exporter, from this host and from the exporter’s page', async () => {
    await withHost('n300', async (host) => {
      const exporter = await startExporter(host.flags());
      try {
        const local = await run(['smi', '--json', ...host.flags()]);
        const remote = await run(['smi', '--json', `--from=${exporter.url}`]);
        const page = await exporter.scrape();
        assert.deepEqual([local.code, remote.code, local.stderr], [0, 0, '']);
        const document = JSON.parse(local.stdout) as Document;
        assert.deepEqual(still(JSON.parse(remote.stdout) as Document), still(document));
        assert.deepEqual(bytesOf(document), bytesOfPage(page.body));
        assert.ok(bytesOf(document).length > 5);
        const tables = await Promise.all([run(['smi', ...host.flags()]), run(['smi', `--from=${exporter.url}`])]);
        const [own, other] = tables.map(({ stdout }) => stdout.split('\n').slice(1));
        assert.deepEqual(own, other);
        assert.match(tables[0].stdout, /^0 +\?999999 .*ORPHANED +5\.0M/m);
      } finally {
        await exporter.stop();
      }
    });
  });

  it('ends with a code that says what was wrong, and one line', async () => {
    await withHost('n150', async (host) => {
      const cases: [args: string[], code: number, stderr: RegExp][] = [
        [['--device=7', ...host.flags()], 3, /^tenstorrent-exporter smi: there is no chip 7: there is 0\n$/],
        [['--watch=soon'], 1, /^tenstorrent-exporter: --watch: "soon" is not a duration[^\n]*\n$/],
        [
          ['--from=http://127.0.0.1:9'],
          2,
          /^tenstorrent-exporter smi: http:\/\/127\.0\.0\.1:9\/metrics cannot be read: [^\n]*\n$/,
        ],
        [
          ['--capacity.config.file=/nowhere'],
          2,
          /^tenstorrent-exporter smi: --capacity\.config\.file: [^\n]*ENOENT[^\n]*\n$/,
        ],
        [['--web.listen-address=:1'], 1, /^tenstorrent-exporter: unknown flag --web\.listen-address[^\n]*\n$/],
      ];
      for (const [args, code, stderr] of cases) {
        const result = await run(['smi', ...args]);
        assert.equal(result.code, code, args.join(' '));
        assert.match(result.stderr, stderr);
        assert.equal(result.stdout, '');
      }
    });
    await withHost('empty', async (host) => {
      const result = await run(['smi', ...host.flags()]);
      assert.equal(result.code, 3);
      assert.match(result.stdout, /No Tenstorrent chip is found/);
    });
  });

  it('repeats itself with --watch, a fraction of a second too, and ends in order on SIGINT', async () => {
    await withHost('n150', async (host) => {
      const program = startProgram(['smi', '--json', '--watch', '0.2', '--device', '0', ...host.flags()]);
      await new Promise<void>((resolve) => {
        program.process.stdout?.on('data', () => {
          if (program.stdout().split('\n').length > 3) resolve();
        });
      });
      program.process.kill('SIGINT');
      assert.deepEqual(await program.ended, { code: 0, signal: null });
      const times = program
        .stdout()
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as Document).taken_at_seconds);
      assert.ok(times.length >= 3);
      assert.ok(times.every((time, i) => i === 0 || time > (times[i - 1] ?? 0)));
    });
  });

  it('writes no escapes on a pipe', async () => {
    await withHost('n150', async (host) => {
      const { stdout } = await run(['smi', '--color', ...host.flags()], { FORCE_COLOR: '1' });
      assert.ok(!stdout.includes('\x1b'));
      assert.match(stdout, /^0 +n150 +ok /m);
    });
  });
});
