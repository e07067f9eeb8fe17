import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { pidLabel } from '../../src/join/pid-label.ts';
import { placesByPid } from '../../src/join/same-pid.ts';

const process = fc.record({
  hostPid: fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined }),
  reportedPid: fc.integer({ min: -1, max: 9 }),
});

test('processes have one place where they have one label, few of them and many', () => {
  fc.assert(
    fc.property(fc.array(process, { maxLength: 130 }), (processes) => {
      const labels = processes.map(pidLabel);
      const inOrder = [...new Set(labels)];
      assert.deepEqual(
        placesByPid(processes),
        labels.map((label) => inOrder.indexOf(label)),
      );
    }),
  );
});
