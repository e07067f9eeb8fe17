import type { ParsedFamily, ParsedSample } from '../../support/exposition-parser.ts';

/** Of the cards of the world, in order. */
export const ADDRESSES = ['0000:01:00.0', '0000:41:00.0', '0000:81:00.0', '0000:c1:00.0'] as const;

const MIB = 2 ** 20;
const SERIAL = 0x0000040131924062n;

export function temperatureOf(card: number): number {
  return 40 + card;
}

export function dramOf(card: number): number {
  return (card + 1) * 64 * MIB;
}

export function l1Of(card: number): number {
  return (card + 1) * MIB;
}

export function pidOf(card: number): number {
  return 3_000_001 + card;
}

const CARDS = ADDRESSES.map((address, card) => ({
  card,
  address,
  serial: (SERIAL + BigInt(card)).toString(16).padStart(16, '0').toUpperCase(),
}));

/** Which card a sample speaks of by what it says; undefined where that tells nothing, NaN where it is of none. */
function cardOf({ name, labels, value }: ParsedSample): number | undefined {
  const find = (is: (each: (typeof CARDS)[number]) => boolean): number => CARDS.find(is)?.card ?? NaN;
  if (name === 'tt_device_temperature_celsius') return find(({ card }) => temperatureOf(card) === value);
  const pid = labels['pid'];
  if (pid !== undefined && /^\d+$/u.test(pid)) {
    if (!/_allocated_bytes$/u.test(name) || value === 0) return find(({ card }) => String(pidOf(card)) === pid);
    return find(({ card }) => String(pidOf(card)) === pid && [dramOf(card), l1Of(card)].includes(value));
  }
  if (value === 0) return undefined;
  if (name === 'tt_device_dram_allocated_bytes') return find(({ card }) => dramOf(card) === value);
  if (name === 'tt_device_l1_allocated_bytes') return find(({ card }) => l1Of(card) === value);
  return undefined;
}

function cardOfInfo({ labels }: ParsedSample): (number | undefined)[] {
  return [
    CARDS.find(({ address }) => address === labels['pci_address'])?.card,
    CARDS.find(({ serial }) => serial === labels['serial'])?.card,
  ];
}

/** What a page says of a device. */
export interface SeenDevice {
  readonly driverIndex: string | undefined;
  /** The cards that its samples are of: one, unless there was a mix. */
  readonly cards: ReadonlySet<number>;
  readonly samples: readonly string[];
}

/** By the label `device`. */
export function seenDevices(families: readonly ParsedFamily[]): Map<string, SeenDevice> {
  const seen = new Map<string, { driverIndex: string | undefined; cards: Set<number>; samples: string[] }>();
  for (const sample of families.flatMap(({ samples }) => samples)) {
    const { device } = sample.labels;
    if (device === undefined) continue;
    const entry = seen.get(device) ?? { driverIndex: undefined, cards: new Set(), samples: [] };
    seen.set(device, entry);
    const cards = sample.name === 'tt_device_info' ? cardOfInfo(sample) : [cardOf(sample)];
    if (sample.name === 'tt_device_info') entry.driverIndex = sample.labels['driver_index'];
    for (const card of cards) {
      if (card === undefined) continue;
      entry.cards.add(card);
      entry.samples.push(`${sample.name} ${JSON.stringify(sample.labels)} ${sample.value}`);
    }
  }
  return seen;
}
