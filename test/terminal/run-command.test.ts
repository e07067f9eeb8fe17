import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { createSimulatedHost } from '../../src/simulator/hosts.ts';
import type { SimulatedHost } from '../../src/simulator/hosts.ts';
import { startStockServer } from '../../src/simulator/stock-server.ts';
import type { StockServer } from '../../src/simulator/stock-server.ts';
import { eventually } from '../support/eventually.ts';
import { startProgram } from '../support/start-exporter.ts';
import type { RunningProgram } from '../support/start-exporter.ts';

const N150 = {
  arch: 'wormhole',
  dramBytes: 12 * 1024 ** 3,
  dramChannels: 12,
  l1Bytes: 72 * 1499136,
  l1BytesPerCore: 1499136,
} as const;
const WAITS = /waiting for the allocation server's answer, for 30 s at most/;

let host: SimulatedHost;
let server: StockServer;
beforeEach(async () => {
  host = await createSimulatedHost('n150');
  server = await startStockServer({ path: host.socket, dialect: 'B', devices: [N150] });
});
afterEach(async () => {
  await server.close();
  await host.close();
});

function start(command: string): RunningProgram {
  return startProgram([command, '--read-timeout=0.5', ...host.flags()]);
}

/** The program has said all that it has to say, and waits; then the server answers, and would die if nobody was there. */
async function answersAtLast(program: RunningProgram): Promise<number | null> {
  await program.waitForLine(WAITS);
  await server.release();
  const { code } = await program.ended;
  assert.equal(server.wouldHaveDied, 0);
  return code;
}

describe('a command that ends before a stock server has answered', () => {
  it('keeps its connection until the answer has come', async () => {
    server.setFault({ kind: 'late' });
    assert.equal(await answersAtLast(start('smi')), 0);
  });

  it('keeps it also where a sensor is blocked, which only SIGKILL ends', async () => {
    server.setFault({ kind: 'late' });
    host.blockSensor(0);
    const program = start('check');
    assert.equal(await answersAtLast(program), null);
    assert.equal((await program.ended).signal, 'SIGKILL');
  });

  it('keeps it when nobody reads what it prints any more', async () => {
    const program = startProgram(['smi', '--watch=0.1', '--read-timeout=0.5', ...host.flags()]);
    await eventually('a first table', () => program.stdout() !== '');
    server.setFault({ kind: 'late' });
    program.process.stdout?.destroy();
    assert.equal(await answersAtLast(program), 0);
  });

  it('keeps it when Ctrl-C is pressed again and again', async () => {
    server.setFault({ kind: 'late' });
    const program = startProgram(['smi', '--watch=0.1', '--read-timeout=0.5', ...host.flags()]);
    await eventually('a first table', () => program.stdout() !== '');
    program.process.kill('SIGINT');
    await program.waitForLine(WAITS);
    program.process.kill('SIGINT');
    assert.equal(await answersAtLast(program), 0);
  });
});
