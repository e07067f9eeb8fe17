import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Deadline } from '../../../src/collect/deadline.ts';
import { SHORT, bareDevice, newScene, reasons, scrape, until } from './support.ts';

describe('a connection that still waits for answers', () => {
  for (const dialect of ['A', 'B', 'C'] as const) {
    for (const when of ['probe', 'scrape'] as const) {
      it(`is kept open until they have come (dialect ${dialect}, ${when})`, async (t) => {
        const scene = await newScene(t);
        const server = await scene.stock({ dialect });
        const source = scene.source();
        if (when === 'scrape') await scrape(source);
        server.setFault({ kind: 'late' });
        const late = await scrape(source, SHORT);
        assert.deepEqual([late.outcome, late.data, reasons(late)], ['failed', undefined, ['no_answer']]);
        assert.equal(source.parked(), 1);
        const connections = server.connections;
        const second = await scrape(source);
        assert.deepEqual([second.outcome, reasons(second), server.connections], ['failed', ['parked'], connections]);
        server.setFault(undefined);
        await server.release();
        await until(() => source.parked() === 0, 'the end of the parked connection');
        const { outcome } = await scrape(source);
        assert.deepEqual([outcome, server.wouldHaveDied], ['ok', 0]);
      });
    }
  }

  it('is kept open after half an answer', async (t) => {
    const scene = await newScene(t);
    const server = await scene.stock({ dialect: 'C' });
    const source = scene.source();
    await scrape(source);
    server.setFault({ kind: 'half' });
    assert.deepEqual(reasons(await scrape(source, SHORT)), ['incomplete_answer']);
    assert.equal(source.parked(), 1);
    await server.release();
    await until(() => source.parked() === 0, 'the end of the parked connection');
    assert.equal(server.wouldHaveDied, 0);
  });

  it('costs neither the devices that were answered about nor the dialect', async (t) => {
    const scene = await newScene(t);
    const server = await scene.stock({ dialect: 'A' });
    const source = scene.source();
    await scrape(source);
    server.setFault({ kind: 'late', answers: 3 });
    const state = await scrape(source, SHORT);
    const devices = [0, 1, 2].map((id) => bareDevice(id, 'A'));
    assert.deepEqual([state.outcome, reasons(state), state.data?.devices], ['failed', ['late_answer'], devices]);
    server.setFault(undefined);
    await server.release();
    await until(() => source.parked() === 0, 'the end of the parked connection');
    const connections = server.connections;
    assert.equal((await scrape(source)).outcome, 'ok');
    assert.deepEqual([server.connections - connections, server.wouldHaveDied], [1, 0]);
  });

  it('shows what it has by then to whoever cannot wait for the end of the run', async (t) => {
    const scene = await newScene(t);
    const server = await scene.stock({ dialect: 'A' });
    const source = scene.source();
    await scrape(source);
    server.setFault({ kind: 'late', answers: 2 });
    const deadline = Deadline.after(60_000);
    const run = source.start({ deadline, wantedFiles: Promise.resolve([]) });
    await until(() => run.state().data?.devices.length === 2, 'two devices');
    const early = run.state();
    server.setFault(undefined);
    await server.release();
    await run.done;
    deadline.dispose();
    assert.deepEqual([early.outcome, early.data?.devices.length], [undefined, 2]);
    assert.deepEqual([run.state().outcome, run.state().data?.devices.length], ['ok', 8]);
  });

  it('is waited for by close(), which ends a run that is under way', async (t) => {
    const scene = await newScene(t);
    const server = await scene.stock({ dialect: 'B', fault: { kind: 'late' } });
    const source = scene.source();
    const deadline = Deadline.after(60_000);
    const run = source.start({ deadline, wantedFiles: Promise.resolve([]) });
    await until(() => server.messages === 1, 'the probe');
    let closed = false;
    const closing = source.close().then(() => {
      closed = true;
    });
    await run.done;
    deadline.dispose();
    assert.deepEqual([run.state().outcome, reasons(run.state()), source.parked()], ['failed', ['no_answer'], 1]);
    assert.equal(closed, false);
    await server.release();
    await closing;
    assert.deepEqual([source.parked(), server.wouldHaveDied, reasons(await scrape(source))], [0, 0, ['closed']]);
  });

  it('is over when the server has gone', async (t) => {
    const scene = await newScene(t);
    const server = await scene.stock({ dialect: 'C', fault: { kind: 'late' } });
    const source = scene.source();
    await scrape(source, SHORT);
    assert.equal(source.parked(), 1);
    await server.close();
    await source.close();
    assert.deepEqual([source.parked(), server.wouldHaveDied], [0, 0]);
  });

  it('is not made by a deadline that has passed already', async (t) => {
    const scene = await newScene(t);
    const server = await scene.stock({ dialect: 'C' });
    const source = scene.source();
    assert.deepEqual(reasons(await scrape(source, 0)), ['deadline']);
    assert.deepEqual([source.parked(), server.connections], [0, 0]);
  });
});
