import { readdirSync, readFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Counter, Gauge } from 'prom-client';
import type { Registry } from 'prom-client';

const LOOP_RESOLUTION_MS = 20;
const NANOSECONDS = 1e9;
const MICROSECONDS = 1e6;
/** 2^63 ns: what the histogram has as its minimum before its first sample. */
const UNSET_MINIMUM = 9e18;

/**
 * Registers what the client libraries of Prometheus tell of their process, and what Node.js's operators look at, by the
 * names that prom-client's `collectDefaultMetrics` has. That one takes longer than reading a small host: the mean and the
 * standard deviation of the event loop's delays alone visit every bucket of a histogram that reaches to an hour.
 */
export function addProcessMetrics(registry: Registry): void {
  addCpuTimes(registry);
  addMemory(registry);
  addDescriptors(registry);
  addLoopDelays(registry);
  const start = newGauge(registry, 'process_start_time_seconds', 'Start of the process, seconds since the Unix epoch.');
  start.set(Date.now() / 1000 - process.uptime());
  const version = { name: 'nodejs_version_info', help: 'The version of Node.js, and always 1.' };
  new Gauge({ ...version, labelNames: ['version'], registers: [registry] }).set({ version: process.version }, 1);
}

function addCpuTimes(registry: Registry): void {
  const registers = [registry];
  new Counter({
    name: 'process_cpu_seconds_total',
    help: 'CPU time of the process.',
    registers,
    // The registry collects in this order: the first one sets those behind it too.
    collect() {
      const used = process.cpuUsage();
      put(this, (used.user + used.system) / MICROSECONDS);
      put(user, used.user / MICROSECONDS);
      put(system, used.system / MICROSECONDS);
    },
  });
  const user = new Counter({
    name: 'process_cpu_user_seconds_total',
    help: 'CPU time outside of the kernel.',
    registers,
  });
  const system = new Counter({ name: 'process_cpu_system_seconds_total', help: 'CPU time in the kernel.', registers });
}

/** Gives a counter the value that was counted elsewhere. */
function put(counter: Counter, value: number): void {
  counter.reset();
  counter.inc(value);
}

function addMemory(registry: Registry): void {
  newGauge(registry, 'process_resident_memory_bytes', 'Resident memory of the process.', (resident) => {
    const memory = process.memoryUsage();
    resident.set(memory.rss);
    total.set(memory.heapTotal);
    used.set(memory.heapUsed);
    external.set(memory.external);
    setIfRead(virtual, readVirtualMemory);
  });
  const virtual = newGauge(registry, 'process_virtual_memory_bytes', 'Virtual memory of the process.');
  const total = newGauge(registry, 'nodejs_heap_size_total_bytes', 'Memory that the heap of Node.js has.');
  const used = newGauge(registry, 'nodejs_heap_size_used_bytes', 'What of the heap is in use, garbage included.');
  const external = newGauge(registry, 'nodejs_external_memory_bytes', 'Memory beside the heap that belongs to it.');
}

/** Bytes. Linux's proc(5): the 23rd field of /proc/PID/stat; the second one, a name in brackets, may hold anything. */
function readVirtualMemory(): number {
  const stat = readFileSync('/proc/self/stat', 'latin1');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ', 21)[20]);
}

function addDescriptors(registry: Registry): void {
  newGauge(registry, 'process_open_fds', 'Open file descriptors.', (open) => {
    // The one that lists them is among them.
    setIfRead(open, () => readdirSync('/proc/self/fd').length - 1);
  });
  const limit = newGauge(registry, 'process_max_fds', 'The limit of open file descriptors.');
  setIfRead(limit, () => Number(/^Max open files\s+(\d+)/mu.exec(readFileSync('/proc/self/limits', 'latin1'))?.[1]));
}

function setIfRead(gauge: Gauge, read: () => number): void {
  gauge.remove();
  try {
    const value = read();
    if (!Number.isNaN(value)) gauge.set(value);
  } catch {
    // Absent where it cannot be known: it must not cost the other metrics.
  }
}

/** Delays since the drawing before: how long a timer of 20 ms took to come, these 20 ms included. */
function addLoopDelays(registry: Registry): void {
  const delays = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS });
  delays.enable();
  const name = (which: string): string => `nodejs_eventloop_lag_${which}_seconds`;
  newGauge(registry, name('min'), 'The shortest delay of the event loop since the last scrape.', (min) => {
    for (const gauge of [min, max, ...percentiles.map((one) => one.gauge)]) gauge.remove();
    if (delays.min < UNSET_MINIMUM) {
      min.set(delays.min / NANOSECONDS);
      max.set(delays.max / NANOSECONDS);
      for (const { percent, gauge } of percentiles) gauge.set(delays.percentile(percent) / NANOSECONDS);
    }
    delays.reset();
  });
  const max = newGauge(registry, name('max'), 'The longest of these delays.');
  const percentiles = [50, 90, 99].map((percent) => ({
    percent,
    gauge: newGauge(registry, name(`p${percent}`), `Percentile ${percent} of these delays.`),
  }));
}

/** `collect` is called before each drawing of the registry, in the order in which they were registered. */
function newGauge(registry: Registry, name: string, help: string, collect?: (gauge: Gauge) => void): Gauge {
  const registers = [registry];
  if (collect === undefined) return new Gauge({ name, help, registers });
  return new Gauge({
    name,
    help,
    registers,
    collect() {
      collect(this);
    },
  });
}
