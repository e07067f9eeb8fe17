import { knownBytes } from '../host-view/memory-use.ts';
import type { ChipView, HostView } from '../host-view/types.ts';
import { bytesWords } from '../terminal/quantities.ts';
import { printable, span } from '../terminal/spans.ts';
import type { Line } from '../terminal/spans.ts';

const MOST_NAMES = 8;

/** What the tables cannot say: why a number is missing, and what belongs to nobody. */
export function notes(view: HostView): Line[] {
  const lines = noteGroups(view.chips);
  if (view.devicesExpected !== undefined && view.chips.filter(isOnBus).length < view.devicesExpected) {
    lines.push([span(`fewer chips than the ${view.devicesExpected} that are expected`, 'bad')]);
  }
  if (view.maintenance === true) lines.push([span('this host is in maintenance', 'warning')]);
  if (view.failedCollectors.length > 0) {
    lines.push([span(`could not be read: ${view.failedCollectors.map(printable).join(', ')}`, 'bad')]);
  }
  if (view.missingRights.length > 0) {
    lines.push([span(`not everything can be seen without ${view.missingRights.map(printable).join(', ')}`, 'warning')]);
  }
  if (lines.length > 0) lines.push([span('why, and what to do: tenstorrent-exporter check', 'dim')]);
  return lines;
}

function isOnBus({ pciAddress }: ChipView): boolean {
  return pciAddress !== undefined;
}

/** Chips of which the same is to be said share a line. */
function noteGroups(chips: readonly ChipView[]): Line[] {
  const groups = Map.groupBy(
    chips.flatMap((chip) => chipNotes(chip).map((text) => ({ device: printable(chip.device), text }))),
    ({ text }) => text,
  );
  return [...groups].map(([text, told]) => [
    span(`${chipNames(told.map(({ device }) => device))}: ${text}`, 'warning'),
  ]);
}

function chipNames(devices: readonly string[]): string {
  const named = devices.slice(0, MOST_NAMES).join(', ');
  const more = devices.length - MOST_NAMES;
  return `${devices.length === 1 ? 'chip' : 'chips'} ${named}${more > 0 ? ` and ${more} more` : ''}`;
}

function chipNotes(chip: ChipView): string[] {
  const nobody = knownBytes(chip.unattributed);
  const invisible = chip.holders?.invisible ?? 0;
  return [
    ...(nobody > 0 ? [`no process is charged with ${bytesWords(nobody)}`] : []),
    ...chip.trackerStates.flatMap(({ source, state }) => {
      const words = TRACKER_NOTES[state];
      return words === undefined ? [] : [`${printable(source)}: ${words}`];
    }),
    ...(invisible > 0 ? [`${invisible} of its descriptors are of processes not seen here`] : []),
  ];
}

const TRACKER_NOTES: Readonly<Partial<Record<ChipView['trackerStates'][number]['state'], string>>> = {
  unreadable: 'cannot be read',
  unsupported: 'of a layout that is not known',
  untrusted: 'not believed',
  ghost: 'memory of processes that are gone',
  unverifiable: 'nobody can be proven gone',
  partial: 'a lower bound: not seen from the start',
};
