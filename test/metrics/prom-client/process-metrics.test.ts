import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Registry } from 'prom-client';
import { addProcessMetrics } from '../../../src/metrics/prom-client/process-metrics.ts';
import { eventually } from '../../support/eventually.ts';

type Values = ReadonlyMap<string, number>;

async function valuesOf(registry: Registry): Promise<Values> {
  const metrics = await registry.getMetricsAsJSON();
  return new Map(metrics.flatMap(({ name, values }) => values.map(({ value }) => [name, value] as const)));
}

function newRegistry(): Registry {
  const registry = new Registry();
  addProcessMetrics(registry);
  return registry;
}

function isNear(value: number | undefined, expected: number, share: number): void {
  assert.ok(value !== undefined && Math.abs(value - expected) <= share * expected, `${value} and ${expected}`);
}

describe('the metrics of the process', () => {
  it('are those of the kernel and of Node.js at the first drawing already', async () => {
    const values = await valuesOf(newRegistry());
    const status = readFileSync('/proc/self/status', 'latin1');
    const bytes = (field: string): number =>
      1024 * Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'mu').exec(status)?.[1]);
    isNear(values.get('process_virtual_memory_bytes'), bytes('VmSize'), 0.05);
    isNear(values.get('process_resident_memory_bytes'), bytes('VmRSS'), 0.2);
    isNear(values.get('process_open_fds'), readdirSync('/proc/self/fd').length - 1, 0.2);
    const limits = readFileSync('/proc/self/limits', 'latin1');
    assert.equal(String(values.get('process_max_fds')), /^Max open files +(\S+)/mu.exec(limits)?.[1]);
    isNear(values.get('process_start_time_seconds'), Date.now() / 1000 - process.uptime(), 1e-8);
    isNear(values.get('nodejs_heap_size_used_bytes'), process.memoryUsage().heapUsed, 0.5);
  });

  it('count the CPU time of the process on, user and system apart and together', async () => {
    const registry = newRegistry();
    const before = await valuesOf(registry);
    const end = process.cpuUsage().user + 50_000;
    while (process.cpuUsage().user < end);
    const after = await valuesOf(registry);
    const grown = (name: string): number => (after.get(name) ?? NaN) - (before.get(name) ?? NaN);
    assert.ok(grown('process_cpu_user_seconds_total') >= 0.05);
    const parts = grown('process_cpu_user_seconds_total') + grown('process_cpu_system_seconds_total');
    isNear(grown('process_cpu_seconds_total'), parts, 1e-6);
  });

  it('leave out the delays of the event loop before one was measured', async () => {
    const registry = newRegistry();
    const delays = (values: Values): string[] => [...values.keys()].filter((name) => name.includes('eventloop'));
    assert.deepEqual(delays(await valuesOf(registry)), []);
    const measured = await eventually('a delay that was measured', async () => {
      // Each drawing begins the measurement anew.
      await pause(100);
      const values = await valuesOf(registry);
      return delays(values).length > 0 ? values : undefined;
    });
    assert.deepEqual(
      delays(measured),
      ['min', 'max', 'p50', 'p90', 'p99'].map((which) => `nodejs_eventloop_lag_${which}_seconds`),
    );
    assert.ok((measured.get('nodejs_eventloop_lag_max_seconds') ?? NaN) < 60);
  });
});
