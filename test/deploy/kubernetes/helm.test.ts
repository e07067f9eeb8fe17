import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { it } from 'node:test';
import { promisify } from 'node:util';
import { renderExamples } from './examples.ts';
import { parseManifests } from './manifest.ts';
import { CHART } from './places.ts';

const hasHelm = spawnSync('helm', ['version']).status === 0;
const skip = hasHelm ? false : 'helm is not in PATH: the chart is rendered by test/deploy/kubernetes/render only';

it('Helm gives what the renderer gives, and has nothing against the chart', { skip }, async () => {
  const run = promisify(execFile);
  for (const { name, file, manifests } of await renderExamples()) {
    const options = [`--values=${file}`, '--namespace=tenstorrent', '--kube-version=v1.34.0'];
    const { stdout } = await run('helm', ['template', 'release-name', CHART, ...options], { maxBuffer: 2 ** 26 });
    assert.deepEqual(new Set(parseManifests(stdout)), new Set(manifests), name);
    await run('helm', ['lint', '--strict', CHART, `--values=${file}`]);
  }
});
