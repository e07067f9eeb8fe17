import type { FileRequest, Lane } from '../../io/lanes.ts';
import type { Attribute } from './attribute.ts';
import { ATTRIBUTES } from './attributes.ts';
import type { CardLocation } from './enumerate.ts';
import type { Architecture } from './types.ts';

/** PCI device ids (tt-kmd: enumerate.c). */
const ARCHITECTURES: ReadonlyMap<number, Architecture> = new Map<number, Architecture>([
  [0xfaca, 'grayskull'],
  [0x401e, 'wormhole'],
  [0xb140, 'blackhole'],
]);

export function architectureOf(pciDeviceId: number): Architecture | undefined {
  return ARCHITECTURES.get(pciDeviceId);
}

/** One attribute of one card. */
export interface PlannedAttribute {
  readonly attribute: Attribute;
  /** Where its results are in its lane: one a directory that can have it. */
  readonly positions: readonly number[];
}

/** What is read of one card. */
export interface CardPlan {
  readonly location: CardLocation;
  /** The driver's files, which a reset can block; undefined where it has none. */
  readonly driver: Lane | undefined;
  /** The kernel's own files of the PCI function. */
  readonly pci: Lane;
  readonly attributes: readonly PlannedAttribute[];
}

/** The two lanes of a card, with each attribute's place in them. */
export function planCard(location: CardLocation): CardPlan {
  const files: Record<Attribute['lane'], FileRequest[]> = { driver: [], pci: [] };
  const arch = architectureOf(location.pciDeviceId);
  const attributes: PlannedAttribute[] = [];
  for (const attribute of ATTRIBUTES) {
    if (arch !== undefined && attribute.absentOn === arch) continue;
    const lane = files[attribute.lane];
    const positions = directoriesOf(location, attribute.home).map(
      (directory) => lane.push({ path: `${directory}/${attribute.file}`, maxBytes: attribute.maxBytes }) - 1,
    );
    if (positions.length > 0) attributes.push({ attribute, positions });
  }
  const { pciAddress, generation } = location;
  return {
    location,
    driver: files.driver.length > 0 ? { key: `sysfs/${pciAddress}`, generation, files: files.driver } : undefined,
    pci: { key: `sysfs/${pciAddress}/pci`, generation, files: files.pci },
    attributes,
  };
}

function directoriesOf(location: CardLocation, home: Attribute['home']): readonly string[] {
  if (home === 'pci') return [location.pciDirectory];
  if (home === 'hwmon') return location.hwmonDirectories;
  return location.classDirectory === undefined ? [] : [location.classDirectory];
}

/** Keeps the plans of cards that are still where they were. */
export class CardPlans {
  #plans = new Map<string, CardPlan>();
  #last: { readonly locations: readonly CardLocation[]; readonly plans: readonly CardPlan[] } | undefined;

  for(locations: readonly CardLocation[]): readonly CardPlan[] {
    if (this.#last?.locations !== locations) this.#last = { locations, plans: this.#planAll(locations) };
    return this.#last.plans;
  }

  #planAll(locations: readonly CardLocation[]): CardPlan[] {
    const plans = locations.map((location) => {
      const known = this.#plans.get(location.pciAddress);
      return known !== undefined && isSame(known.location, location) ? known : planCard(location);
    });
    this.#plans = new Map(plans.map((plan) => [plan.location.pciAddress, plan]));
    return plans;
  }
}

function isSame(a: CardLocation, b: CardLocation): boolean {
  return (
    a.generation === b.generation &&
    a.bound === b.bound &&
    a.classDirectory === b.classDirectory &&
    a.pciDirectory === b.pciDirectory &&
    a.hwmonDirectories.join() === b.hwmonDirectories.join()
  );
}
