import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { WaitingReports, WaitingRoom } from '../../../src/allocation-server/connection/waiting-reports.ts';

/** A frame that begins with this number, behind a byte that is none of it. */
function frame(number: number): DataView {
  const view = new DataView(new ArrayBuffer(145));
  view.setUint32(1, number, true);
  return view;
}

function taken(waiting: WaitingReports, pid: number): number[] {
  const numbers: number[] = [];
  waiting.take(pid, (frames, offset) => numbers.push(frames.getUint32(offset, true)));
  return numbers;
}

describe('reports that wait', () => {
  it('are copies, and come back in order by PID, once', () => {
    const waiting = new WaitingReports(new WaitingRoom());
    const numbers = Array.from({ length: 100 }, (_, index) => index);
    const frames = numbers.map(frame);
    for (const [index, each] of frames.entries()) assert.ok(waiting.add(7 + (index % 2), each, 1));
    for (const each of frames) each.setUint32(1, 0, true);
    assert.deepEqual(waiting.pids(), [7, 8]);
    assert.deepEqual(
      taken(waiting, 7),
      numbers.filter((number) => number % 2 === 0),
    );
    assert.deepEqual([taken(waiting, 7), waiting.pids()], [[], [8]]);
  });

  it('are bounded for one connection and for all of them, and make room again', () => {
    const room = new WaitingRoom();
    const connections = Array.from({ length: 17 }, () => new WaitingReports(room));
    const counts = connections.map((waiting) => {
      let count = 0;
      while (waiting.add(1, frame(count), 1)) count++;
      return count;
    });
    assert.deepEqual(counts, [...Array.from({ length: 16 }, () => 4096), 0]);
    const [first, last] = [connections[0], connections[16]];
    assert.ok(first !== undefined && last !== undefined);
    assert.equal(taken(first, 1).length, 4096);
    assert.ok(last.add(1, frame(1), 1));
    assert.equal(room.free, 4095);
  });
});
