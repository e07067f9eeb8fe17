import assert from 'node:assert/strict';
import { it } from 'node:test';
import { startPrometheus } from '../../support/prometheus.ts';
import { write } from './evaluate.ts';

it('a real Prometheus takes what is written, and knows where a series ends', async () => {
  const prometheus = await startPrometheus('global: {}', ['--web.enable-remote-write-receiver']);
  try {
    const now = Math.floor(Date.now() / 1000);
    const labels = [
      ['__name__', 'tt_test'],
      ['device', 'größer "als" \\'],
    ] as const;
    await write(prometheus.url, [
      { labels, times: [(now - 120) * 1000, (now - 60) * 1000, now * 1000], values: [0.1, 2 ** 53, Number.NaN] },
    ]);
    const at = async (time: number) =>
      (await prometheus.api(`query?query=tt_test&time=${time}`)) as {
        readonly result: readonly { metric: object; value: unknown }[];
      };
    const metric = { __name__: 'tt_test', device: 'größer "als" \\' };
    assert.deepEqual((await at(now - 120)).result, [{ metric, value: [now - 120, '0.1'] }]);
    assert.deepEqual((await at(now - 1)).result, [{ metric, value: [now - 1, '9007199254740992'] }]);
    // Without the marker the last value would be seen for five minutes.
    assert.deepEqual((await at(now + 1)).result, []);
  } finally {
    await prometheus.stop();
  }
});
