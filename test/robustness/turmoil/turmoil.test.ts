import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { eventually } from '../../support/eventually.ts';
import { parseExposition } from '../../support/exposition-parser.ts';
import { startExporter } from '../../support/start-exporter.ts';
import type { RunningExporter } from '../../support/start-exporter.ts';
import { getPage } from '../get-page.ts';
import { holdingsOf, settledHoldings } from '../process-state.ts';
import { ADDRESSES, dramOf, pidOf, seenDevices, temperatureOf } from './identity.ts';
import type { SeenDevice } from './identity.ts';

const SECONDS = Number(process.env['TURMOIL_SECONDS'] ?? 6);
/** Pages in that time, on a machine that has much else to do. */
const LEAST_PAGES = 2 * SECONDS;

/** Descriptors, at least, once the sensors of four cards are kept open. */
const KEPT = 150;
/** A thread that was late has one in its place, and both keep their own. */
const KEPT_AGAIN = 140;

interface WorldMessage {
  readonly flags: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

let world: ChildProcess;
let exporter: RunningExporter;
before(async () => {
  world = fork(join(import.meta.dirname, 'world.ts'), ['7']);
  const [{ flags, environment }] = (await once(world, 'message')) as [WorldMessage];
  exporter = await startExporter(flags, { env: environment });
});
after(async () => {
  await exporter.stop();
  const ended = once(world, 'exit');
  world.disconnect();
  await ended;
});

interface TurmoilPage {
  readonly body: string;
  readonly devices: ReadonlyMap<string, SeenDevice>;
}

async function scrape(): Promise<TurmoilPage> {
  const { status, body } = await getPage(`${exporter.url}/metrics`, 10);
  assert.equal(status, 200);
  return { body, devices: seenDevices(parseExposition(Buffer.from(body), 'text')) };
}

/** Whether everything of every card is there. */
function isWhole({ body, devices }: TurmoilPage): boolean {
  const cards = [...devices.values()].flatMap((seen) => [...seen.cards]);
  return (
    cards.length === ADDRESSES.length &&
    ADDRESSES.every((_, card) => body.includes(`pid="${pidOf(card)}",type="dram"} ${dramOf(card)}\n`)) &&
    ADDRESSES.every((_, card) => body.includes(`,sensor="asic"} ${temperatureOf(card)}\n`))
  );
}

describe('a host that does not come to rest', () => {
  it('gives valid pages on which no card has anything of another one, and a whole one as soon as it rests', async (t) => {
    await eventually('the whole host', async () => isWhole(await scrape()), 30);
    await eventually('files to be kept', () => scrape().then(() => holdingsOf(exporter).descriptors > KEPT), 30);
    const holdings = await settledHoldings(exporter, scrape);
    world.send('go');
    const seen = { pages: 0, resetting: 0, unreachable: 0, gone: 0, renumbered: 0, withoutDriver: 0, withoutMemory: 0 };
    for (const until = performance.now() + 1000 * SECONDS; performance.now() < until;) {
      const { body, devices } = await scrape();
      for (const [device, { cards, samples }] of devices) {
        assert.ok(cards.size <= 1 && !cards.has(NaN), `device ${device} is a mix:\n${samples.join('\n')}`);
      }
      const says = (line: RegExp): number => (line.test(body) ? 1 : 0);
      seen.pages++;
      seen.resetting += says(/^tt_devices\{state="resetting"\} [1-9]/mu);
      seen.unreachable += says(/^tt_devices\{state="unreachable"\} [1-9]/mu);
      seen.withoutDriver += says(/^tt_devices\{state="no_driver"\} [1-9]/mu);
      seen.withoutMemory += says(/^tt_memory_tracker_state\{device="\d",source="shared_memory",state="absent"\} 1/mu);
      seen.gone += ADDRESSES.every((address) => body.includes(`,pci_address="${address}",`)) ? 0 : 1;
      seen.renumbered += [...devices.values()].some(({ driverIndex, cards }) => !cards.has(Number(driverIndex)))
        ? 1
        : 0;
    }
    t.diagnostic(JSON.stringify(seen));
    assert.ok(seen.pages >= LEAST_PAGES, `only ${seen.pages} pages`);
    // Without these it was no turmoil.
    const { resetting, unreachable, ...happened } = seen;
    assert.ok(resetting + unreachable > 0);
    for (const [what, count] of Object.entries(happened)) assert.ok(count > 0, `${what} was never seen`);
    const rest = once(world, 'message');
    world.send('rest');
    assert.deepEqual(await rest, ['at rest', undefined]);
    assert.ok(isWhole(await scrape()) || isWhole(await scrape()), 'the second page after it is still not whole');
    const more = await settledHoldings(exporter, scrape);
    t.diagnostic(`${JSON.stringify(holdings)} became ${JSON.stringify(more)}`);
    assert.equal(more.processes, holdings.processes);
    assert.ok(more.threads <= holdings.threads + 1, 'threads pile up');
    assert.ok(more.descriptors < holdings.descriptors + KEPT_AGAIN, 'descriptors pile up');
  });
});
