import { median } from '../quality/score.ts';

/** Seconds of one evaluation: of Prometheus's CPU, what it collects of its own garbage included, and of time. */
export interface Cost {
  readonly cpu: number;
  readonly wall: number;
}

const ROUNDS = 3;

/**
 * What Prometheus needs for an expression at a time, of three rounds. The time is the shortest: others use the machine.
 * Instead of storing the result, as a rule does, it writes it to the answer.
 */
export async function costOf(url: string, query: string, time: number): Promise<Cost> {
  const rounds: Cost[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const before = await cpuSeconds(url);
    const started = performance.now();
    const body = new URLSearchParams({ query, time: String(time) });
    const response = await fetch(`${url}/api/v1/query`, { method: 'POST', body });
    if (!response.ok) throw new Error(`${query}: ${await response.text()}`);
    await response.arrayBuffer();
    rounds.push({ wall: (performance.now() - started) / 1000, cpu: (await cpuSeconds(url)) - before });
  }
  return { cpu: median(rounds.map(({ cpu }) => cpu)) ?? 0, wall: Math.min(...rounds.map(({ wall }) => wall)) };
}

async function cpuSeconds(url: string): Promise<number> {
  const page = await (await fetch(`${url}/metrics`)).text();
  return Number(/^process_cpu_seconds_total (\S+)$/mu.exec(page)?.[1]);
}
