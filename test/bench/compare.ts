import type { BenchHost } from './bench-host.ts';
import { goExporter } from './exporters/go.ts';
import type { GoPeer } from './exporters/go.ts';
import { ourExporter } from './exporters/ours.ts';
import { promClientExporter } from './exporters/prom-client.ts';
import type { Compared } from './report/scrape-rows.ts';
import { measureRounds } from './rounds.ts';
import type { RoundsPlan } from './rounds.ts';

/** Measures whole scrapes of a host: the exporter beside its peers, which live as long as this takes. */
export async function compare(
  host: BenchHost,
  goPeer: GoPeer,
  { plan, script }: { readonly plan: RoundsPlan; readonly script: string },
): Promise<Compared> {
  await using undo = new AsyncDisposableStack();
  const exporters = [await ourExporter(host, undo, { script }), await promClientExporter(host, undo)];
  if (goPeer.kind === 'built') exporters.push(await goExporter(host, goPeer, undo));
  const [ours, promClient, go] = await measureRounds(exporters, plan);
  if (ours === undefined || promClient === undefined) throw new Error('nothing was measured');
  return { ours, promClient, go };
}
