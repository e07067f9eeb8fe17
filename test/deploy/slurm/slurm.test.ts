import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const SLURM = fileURLToPath(new URL('../../../deploy/slurm', import.meta.url));
const SCRIPTS = ['list-nodes.sh', 'prolog.sh', 'epilog.sh'].map((name) => join(SLURM, name));

const NODES = `cpu cpu-001 (null) (null)
n150 n150-002 gpu:tenstorrent:1 (null)
n150 n150-001 gpu:tenstorrent:1 (null)
all n150-001 gpu:tenstorrent:1 (null)
galaxy galaxy-01 (null) tenstorrent,wormhole
`;

describe('what is for Slurm', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'slurm-'));
  });
  beforeEach(() => {
    rmSync(join(folder, 'calls'), { force: true });
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  /** A program in place of another, which writes down how it was called. */
  function stand(name: string, script: string): void {
    const file = join(folder, name);
    writeFileSync(file, `#!/bin/sh\necho "${name} $*" >> "${folder}/calls"\n${script}\n`);
    chmodSync(file, 0o755);
  }
  const calls = (): string[] => readFileSync(join(folder, 'calls'), 'utf8').trimEnd().split('\n');

  /** With its folder of baselines in place of the one in /run. */
  function runJobScript(name: string): number | null {
    const text = readFileSync(join(SLURM, name), 'utf8').replace('/run/tenstorrent-jobs', join(folder, 'jobs'));
    const env = { PATH: `${folder}:${process.env['PATH'] ?? ''}`, SLURM_JOB_ID: '17', SLURMD_NODENAME: 'n150-001' };
    return spawnSync('sh', ['-c', text], { env }).status;
  }

  it('is good shell', () => {
    execFileSync('shellcheck', SCRIPTS);
  });

  it('has a scrape configuration and nodes that promtool takes', () => {
    const copy = join(folder, 'etc');
    cpSync(SLURM, copy, { recursive: true });
    execFileSync('promtool', ['check', 'config', join(copy, 'prometheus.yml')]);
    writeFileSync(join(copy, 'tenstorrent-nodes.yml'), '- target: [n150-001]\n');
    assert.notEqual(spawnSync('promtool', ['check', 'config', join(copy, 'prometheus.yml')]).status, 0);
  });

  it('lists the nodes with chips, a group a partition', () => {
    stand('sinfo', `cat <<'EOF'\n${NODES}EOF`);
    const list = (...args: string[]): string =>
      execFileSync('sh', [join(SLURM, 'list-nodes.sh'), ...args], {
        encoding: 'utf8',
        env: { PATH: `${folder}:${process.env['PATH'] ?? ''}` },
      });
    const group = (partition: string, ...nodes: string[]): string =>
      [
        '- targets:',
        ...nodes.map((node) => `    - ${node}:10072`),
        '  labels:',
        `    partition: ${partition}`,
        '',
      ].join('\n');
    assert.equal(
      list(),
      group('all', 'n150-001') + group('galaxy', 'galaxy-01') + group('n150', 'n150-001', 'n150-002'),
    );
    assert.equal(list('blackhole'), '[]\n');
    mkdirSync(join(folder, 'sd'));
    cpSync(join(SLURM, 'prometheus.yml'), join(folder, 'sd/prometheus.yml'));
    for (const text of [list(), list('blackhole')]) {
      writeFileSync(join(folder, 'sd/tenstorrent-nodes.yml'), text);
      execFileSync('promtool', ['check', 'config', join(folder, 'sd/prometheus.yml')]);
    }
  });

  it('drains a node on which a job has left memory, and no other', () => {
    stand('logger', '');
    stand('scontrol', '');
    const check = 'check --clean --wait=15s';
    const baseline = join(folder, 'jobs/17.json');
    for (const [code, drains] of [
      [0, false],
      [4, true],
      [3, false],
      [5, false],
      [124, false],
    ] as const) {
      rmSync(join(folder, 'calls'), { force: true });
      stand('tenstorrent-exporter', `[ "$1" = smi ] && echo '{}'; [ "$1" = smi ] || exit ${code}`);
      assert.equal(runJobScript('prolog.sh'), 0);
      assert.equal(readFileSync(baseline, 'utf8'), '{}\n');
      assert.equal(runJobScript('epilog.sh'), 0);
      assert.equal(existsSync(baseline), false);
      const [first, second, ...others] = calls();
      assert.deepEqual(
        [first, second],
        ['tenstorrent-exporter smi --json', `tenstorrent-exporter ${check} --baseline=${baseline}`],
      );
      assert.equal(others.filter((call) => call.startsWith('logger')).length, code === 0 ? 0 : 1);
      assert.deepEqual(
        others.filter((call) => call.startsWith('scontrol')),
        drains ? ['scontrol update NodeName=n150-001 State=DRAIN Reason=tenstorrent: memory left by job 17'] : [],
      );
    }
  });

  it('lets jobs run where nothing can be read', () => {
    stand('logger', '');
    stand('tenstorrent-exporter', 'exit 2');
    assert.equal(runJobScript('prolog.sh'), 0);
    assert.equal(runJobScript('epilog.sh'), 0);
    assert.deepEqual(calls().slice(0, 2), [
      'tenstorrent-exporter smi --json',
      'tenstorrent-exporter check --clean --wait=15s',
    ]);
  });
});
