import { readFileSync, readlinkSync } from 'node:fs';
import { planCard } from '../../sources/sysfs/card-plan.ts';
import { CardEnumerator } from '../../sources/sysfs/enumerate.ts';
import type { CardLocation } from '../../sources/sysfs/enumerate.ts';
import { parseId } from '../../sources/sysfs/parse.ts';
import { hexadecimal } from './chip-numbers.ts';
import type { LaneRecord } from './recording-lanes.ts';
import type { Redaction } from './redaction.ts';
import { traceLinks } from './trace-links.ts';
import type { TreeRecord } from './tree-record.ts';

/** What the kernel answers itself: reading them waits for nobody. */
const HOST_FILES = ['module/tenstorrent/version', 'kernel/uevent_seqnum'];
const FUNCTION_FILES = ['vendor', 'device'];

/**
 * Puts the part of sysfs that is read of a host's chips into the tree, with the texts that the collection got and the
 * links that lead to them. What a driver blocked is not asked for again.
 */
export function gatherSysfs(root: string, lanes: LaneRecord, tree: TreeRecord, redaction: Redaction): void {
  const gatherer = new SysfsGatherer(root, lanes, tree, redaction);
  for (const file of HOST_FILES) gatherer.read(`${root}/${file}`);
  const enumerator = new CardEnumerator(root);
  const found = enumerator.enumerate();
  enumerator.close();
  if (!found.ok) tree.miss(`sys: the PCI bus could not be listed (${found.error.reason})`);
  else for (const card of found.cards) gatherer.card(card);
}

class SysfsGatherer {
  readonly #root: string;
  readonly #lanes: LaneRecord;
  readonly #tree: TreeRecord;
  readonly #redaction: Redaction;

  constructor(root: string, lanes: LaneRecord, tree: TreeRecord, redaction: Redaction) {
    this.#root = root;
    this.#lanes = lanes;
    this.#tree = tree;
    this.#redaction = redaction;
  }

  card(card: CardLocation): void {
    const { driver, pci } = planCard(card);
    for (const lane of [driver, pci]) {
      for (const { path } of lane?.files ?? []) this.#recorded(path);
    }
    for (const file of FUNCTION_FILES) this.read(`${card.pciDirectory}/${file}`);
    this.#link(`${card.pciDirectory}/driver`);
    if (card.driverIndex !== undefined) {
      const entry = `${this.#root}/class/tenstorrent/tenstorrent!${card.driverIndex}`;
      this.#link(entry);
      this.#link(`${entry}/device`);
    }
    for (const directory of card.hwmonDirectories) {
      this.#link(`${this.#root}/class/hwmon/${directory.slice(directory.lastIndexOf('/') + 1)}`);
    }
  }

  /** A file of the kernel's own that no lane has read. */
  read(path: string): void {
    const place = this.#place(path);
    if (place === undefined) return;
    try {
      this.#tree.put(place, readFileSync(path));
    } catch {
      // Most often it is not there; a chip that has just gone is no news.
    }
  }

  #recorded(path: string): void {
    const place = this.#place(path);
    if (place === undefined) return;
    if (this.#lanes.blocked.has(path)) this.#tree.faults.push({ path: place, at: 'blocked' });
    const result = this.#lanes.results.get(path);
    if (result === undefined) return;
    if (result.ok) this.#tree.put(place, Buffer.from(this.#redacted(path, result.text), 'latin1'));
    else if (result.code !== 'ENOENT' && result.code !== 'ENOTDIR') {
      this.#tree.faults.push({ path: place, at: 'read', code: result.code });
    }
  }

  /** A number that cannot be read says so too. */
  #redacted(path: string, text: string): string {
    const { chips } = this.#redaction;
    const attribute = path.slice(path.lastIndexOf('/') + 1);
    if ((attribute !== 'tt_serial' && attribute !== 'tt_asic_id') || text.trim() === '') return text;
    const id = parseId(text);
    if (id === undefined) return 'malformed\n';
    return `${hexadecimal(attribute === 'tt_serial' ? chips.serial(id) : chips.chip(id))}\n`;
  }

  #link(path: string): void {
    const place = this.#place(path);
    if (place === undefined) return;
    try {
      this.#tree.link(place, readlinkSync(path));
    } catch {
      // No link, or not there.
    }
  }

  /** The path in the bundle, with the links to it; undefined where it is not below the root. */
  #place(path: string): string | undefined {
    const traced = traceLinks(this.#root, path.slice(this.#root.length + 1));
    if (traced === undefined) {
      this.#tree.miss('sys: files that a link leads to out of sysfs');
      return undefined;
    }
    for (const [at, target] of traced.links) this.#tree.link(`sys/${at}`, target);
    return `sys/${traced.path}`;
  }
}
