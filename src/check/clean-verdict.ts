import { knownBytes } from '../host-view/memory-use.ts';
import type { ChipView, HostView, ProcessChipView, ProcessView } from '../host-view/types.ts';
import { bytesWords } from '../terminal/quantities.ts';
import type { Baseline } from './baseline.ts';

/** What `check --clean` ends with. */
export const CLEAN_EXIT = { clean: 0, held: 3, orphaned: 4, unknown: 5 } as const;
export type CleanStatus = keyof typeof CLEAN_EXIT;

/** Why a chip is not clean. */
export interface CleanReason {
  readonly status: Exclude<CleanStatus, 'clean'>;
  /** undefined: of the whole host. */
  readonly device: string | undefined;
  /** The `pid` label, where it is about one. */
  readonly pid: string | undefined;
  readonly bytes: number | undefined;
  /** One line. */
  readonly text: string;
}

export interface CleanVerdict {
  readonly status: CleanStatus;
  readonly reasons: readonly CleanReason[];
}

/** Waiting mends what is held and not what has leaked: so the worst of the reasons, in this order. */
const WORST_FIRST = ['orphaned', 'held', 'unknown'] as const;

/** These say nothing of what is charged: see TrackerState. */
const BLIND_STATES: readonly string[] = ['unreadable', 'unsupported', 'untrusted', 'initializing'];

/**
 * Whether nobody holds one of the view's chips and no bytes are charged on them, but for what the baseline had. Clean is
 * said only where everything could be seen.
 */
export function cleanVerdict(view: HostView, baseline: Baseline): CleanVerdict {
  const reasons = [
    ...hostReasons(view),
    ...view.chips.flatMap((chip) => chipReasons(chip, view.processes, baseline)),
    ...view.processes.flatMap((process) => process.chips.flatMap((part) => partReasons(process, part, baseline))),
  ];
  const place = ({ status }: CleanReason): number => WORST_FIRST.indexOf(status);
  reasons.sort((a, b) => place(a) - place(b));
  return { status: reasons[0]?.status ?? 'clean', reasons };
}

function hostReasons(view: HostView): CleanReason[] {
  const texts = view.failedCollectors
    .filter((name) => name !== 'kubernetes')
    .map((name) => `${name} could not be read: tenstorrent-exporter check says why`);
  if (view.chips.length === 0) texts.push('no chip is found');
  return texts.map((text) => ({ status: 'unknown', device: undefined, pid: undefined, bytes: undefined, text }));
}

function chipReasons(chip: ChipView, processes: readonly ProcessView[], baseline: Baseline): CleanReason[] {
  const { device, holders } = chip;
  const reason = (status: CleanReason['status'], text: string, bytes?: number): CleanReason => ({
    ...{ status, device, pid: undefined, bytes },
    text: `chip ${device}: ${text}`,
  });
  const reasons: CleanReason[] = [];
  if (chip.pciAddress !== undefined && holders === undefined)
    reasons.push(reason('unknown', 'who holds it is not told'));
  if (holders !== undefined && holders.invisible > 0) {
    reasons.push(reason('held', `processes that cannot be seen here hold it (${holders.invisible} descriptors)`));
  }
  for (const { source, state } of chip.trackerStates) {
    if (BLIND_STATES.includes(state))
      reasons.push(reason('unknown', `its memory cannot be read: ${source} is ${state}`));
  }
  const nobody = nobodysBytes(chip, processes) - baseline.unattributedBytes(device);
  if (nobody > 0) reasons.push(reason('unknown', `${bytesWords(nobody)} are charged, and not said to whom`, nobody));
  return reasons;
}

/** Bytes that no process is charged with: all of them, where the tracker has totals only. */
function nobodysBytes({ device, totals, unattributed }: ChipView, processes: readonly ProcessView[]): number {
  const charged = processes.some(({ chips }) =>
    chips.some((part) => part.device === device && knownBytes(part.bytes) > 0),
  );
  return charged ? knownBytes(unattributed) : Math.max(knownBytes(unattributed), knownBytes(totals));
}

function partReasons(process: ProcessView, part: ProcessChipView, baseline: Baseline): CleanReason[] {
  const { device } = part;
  const status = statusOf(process, part);
  if (status === 'clean' || baseline.hasProcess(process, device)) return [];
  // What has leaked has no process that could be recognised: the bytes of before are taken off.
  const before = status === 'held' ? 0 : baseline.bytes(process.pid, device);
  const bytes = knownBytes(part.bytes) - before;
  if (bytes <= 0 && status !== 'held') return [];
  const name = process.name === '' ? process.pid : `${process.pid} (${process.name})`;
  const charged = bytes > 0 ? bytesWords(bytes) : 'nothing';
  const texts: Readonly<Record<CleanReason['status'], string>> = {
    held:
      part.descriptors === undefined
        ? `${charged} charged to process ${name}, which lives`
        : `process ${name} holds it, ${charged} charged`,
    orphaned: `${charged} left by process ${name}, which is gone`,
    unknown: `${charged} charged to process ${name}, and whether it lives cannot be known`,
  };
  return [{ status, device, pid: process.pid, bytes, text: `chip ${device}: ${texts[status]}` }];
}

function statusOf({ alive }: ProcessView, { bytes, orphaned, descriptors }: ProcessChipView): CleanStatus {
  if (descriptors !== undefined) return 'held';
  if (knownBytes(bytes) === 0) return 'clean';
  if (orphaned || alive === false) return 'orphaned';
  return alive === true ? 'held' : 'unknown';
}
