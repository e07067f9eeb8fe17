import type { BenchHost } from './bench-host.ts';
import { goExporter } from './exporters/go.ts';
import type { GoPeer } from './exporters/go.ts';
import { ourExporter } from './exporters/ours.ts';
import { promClientExporter } from './exporters/prom-client.ts';
import type { Compared } from './report/scrape-rows.ts';
import { measureRounds } from './rounds.ts';
import type { RoundsPlan } from './rounds.ts';

export interface ComparePlan {
  readonly plan: RoundsPlan;
  readonly script: string;
  /** The same host once more, with what changes all of its numbers. */
  readonly changing?: { readonly host: BenchHost; readonly change: () => Promise<void> } | undefined;
}

/** Measures whole scrapes of a host: the exporter beside its peers, which live as long as this takes. */
export async function compare(
  host: BenchHost,
  goPeer: GoPeer,
  { plan, script, changing }: ComparePlan,
): Promise<Compared> {
  await using undo = new AsyncDisposableStack();
  const exporters = [await ourExporter(host, undo, { script }), await promClientExporter(host, undo)];
  if (goPeer.kind === 'built') exporters.push(await goExporter(host, goPeer, undo));
  if (changing !== undefined) {
    exporters.push(await ourExporter(changing.host, undo, { script, prepare: changing.change }));
  }
  const measured = await measureRounds(exporters, plan);
  const [ours, promClient, ...others] = measured;
  if (ours === undefined || promClient === undefined) throw new Error('nothing was measured');
  const go = goPeer.kind === 'built' ? others.shift() : undefined;
  return { ours, promClient, go, changing: others.shift() };
}
