import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { quietLife } from './life.ts';
import type { Notification } from './notifications.ts';
import { addWorld, emptyResult, failures, median } from './score.ts';
import type { World } from './world.ts';

const HOUR = 3600;
const EPOCH = 1000;
const LIFE = quietLife({
  chips: 2,
  leaks: [
    { chip: 0, from: 0, until: 10 * HOUR, rate: 0.02 },
    { chip: 1, from: 0, until: 10 * HOUR, rate: 0.02 },
  ],
  findings: [{ alerts: ['TenstorrentProcessMemoryGrowing'], chip: 0, from: 0, until: 10 * HOUR }],
});
const WORLD: World = {
  hosts: [{ archetype: 'slow leak', target: { job: 'j', instance: 'a' }, life: LIFE }],
  epoch: EPOCH,
  days: 1,
  scrapeSeconds: 60,
};

function said(hour: number, labels: Record<string, string>): Notification {
  const from = EPOCH + hour * HOUR;
  const alert = { from, until: from + HOUR, labels: { instance: 'a', severity: 'warning', ...labels } };
  return { at: from, silent: false, fresh: [alert] };
}

describe('the score', () => {
  it('counts leaks that were found, how long that took, and what was wrong', () => {
    const result = emptyResult();
    addWorld(result, WORLD, [
      said(2, { alertname: 'TenstorrentProcessMemoryGrowing', device: '0' }),
      said(3, { alertname: 'TenstorrentProcessMemoryGrowing', device: '0' }),
      said(4, { alertname: 'TenstorrentDeviceUnreachable', device: '1', severity: 'critical' }),
    ]);
    const expected = { chipDays: 2, leaks: 2, delays: [2 * HOUR], right: 2, wrong: 1, wrongPages: 1, silent: 0 };
    assert.deepEqual(result.total, expected);
    assert.deepEqual(result.byArchetype.get('slow leak'), expected);
    assert.deepEqual(failures(result), [
      'recall is 0.500, not 0.95',
      '500.00 false notifications in 1,000 chip-days, not 1',
      '1 false pages',
    ]);
  });

  it('counts no leak as found by what is said too early, of another chip, or to nobody', () => {
    const result = emptyResult();
    const growing = { alertname: 'TenstorrentProcessMemoryGrowing' };
    addWorld(result, WORLD, [
      said(-1, { ...growing, device: '0' }),
      said(11, { ...growing, device: '0' }),
      said(2, { ...growing, device: '7' }),
      { ...said(2, { ...growing, device: '0' }), silent: true },
    ]);
    assert.deepEqual(result.total.delays, []);
  });

  it('is not content without a single leak', () => {
    assert.deepEqual(failures(emptyResult()), [
      'recall is NaN, not 0.95',
      'the median time to the alert is Infinity h, not 3 h',
    ]);
  });
});

describe('median', () => {
  it('is the middle of an odd number of values, and between the two of an even one', () => {
    assert.equal(median([3, 1, 2]), 2);
    assert.equal(median([4, 1, 2, 3]), 2.5);
    assert.equal(median([]), undefined);
  });
});
