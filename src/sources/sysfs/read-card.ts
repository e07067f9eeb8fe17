import type { FileResult } from '../../io/lanes.ts';
import type { ReadError } from '../source.ts';
import { architectureOfBoard, boardOfSerial, boardOfSubsystem } from './board-names.ts';
import type { CardPlan } from './card-plan.ts';
import { architectureOf } from './card-plan.ts';
import { collectFiles } from './collect-files.ts';
import type { CardFiles } from './collect-files.ts';
import type { CardDraft } from './draft.ts';
import { emptyDraft, reject } from './draft.ts';
import { ALL_ONES_WIDTH, isLinkWidth, judgeFan } from './plausibility.ts';
import { presenceOf } from './presence.ts';
import type { Presence } from './presence.ts';
import { stateOf } from './state.ts';
import type { Architecture, Card, FlitCounter, PcieLink } from './types.ts';

/** What came of one card. */
export interface CardReading {
  /** undefined where it is not on the bus any more. */
  readonly card: Card | undefined;
  /** Where it is since it was listed. */
  readonly presence: Presence;
  readonly errors: readonly ReadError[];
}

/** Makes a card of what was read of it; a lane that is not among the results has not been read. */
export function readCard(
  index: number,
  plan: CardPlan,
  results: ReadonlyMap<string, readonly FileResult[]>,
  flitCounters: readonly FlitCounter[],
): CardReading {
  const pci = results.get(plan.pci.key);
  // A driver that has no files yet has been read.
  const driver = plan.driver === undefined ? [] : results.get(plan.driver.key);
  const draft = emptyDraft();
  const files = collectFiles(plan, { driver, pci }, draft);
  const presence = looksGone(plan, files, driver, draft) ? presenceOf(plan.location) : 'present';
  if (presence === 'removed') return { card: undefined, presence, errors: [] };
  if (presence === 'unbound' || !plan.location.bound) return { ...withoutDriver(index, plan, pci), presence };
  if (driver !== undefined) draft.state = stateOf({ ...files, linkDead: isDead(draft) });
  return { card: { ...toCard(index, plan, draft, true), flitCounters }, presence, errors: files.errors };
}

/** What the driver's files said before the driver left the card is not true any more. */
function withoutDriver(
  index: number,
  plan: CardPlan,
  pci: readonly FileResult[] | undefined,
): Omit<CardReading, 'presence'> {
  const draft = emptyDraft();
  const { errors } = collectFiles(plan, { driver: undefined, pci }, draft);
  draft.state = 'no_driver';
  return { card: toCard(index, plan, draft, false), errors };
}

/** Whether files are missing in a way that a card which has just been removed would explain. */
function looksGone(
  plan: CardPlan,
  { all }: CardFiles,
  driver: readonly FileResult[] | undefined,
  draft: CardDraft,
): boolean {
  if (all.gone > 0) return true;
  if (!plan.location.bound) return draft.deviceId === undefined;
  return driver !== undefined && all.good + all.rejected + all.allOnes + all.noData + all.failed === 0;
}

function isDead({ link }: CardDraft): boolean {
  return link.width === ALL_ONES_WIDTH && link.speed === undefined;
}

function toCard(index: number, { location }: CardPlan, draft: CardDraft, hasDriver: boolean): Card {
  const pciArch = architectureOf(draft.deviceId ?? 0);
  const board = boardOf(draft, pciArch);
  const fanRpm = fanOf(draft, board);
  return {
    index,
    pciAddress: location.pciAddress,
    arch: pciArch ?? (board === undefined ? undefined : architectureOfBoard(board)),
    driverIndex: hasDriver ? location.driverIndex : undefined,
    deviceNumber: hasDriver ? draft.deviceNumber : undefined,
    subsystemId: draft.subsystemId,
    state: draft.state,
    board,
    serial: draft.serial,
    asicId: draft.asicId,
    firmware: draft.firmware,
    temperature: draft.temperature,
    voltage: draft.voltage,
    current: draft.current,
    power: draft.power,
    fanRpm,
    clocks: draft.clocks,
    heartbeat: draft.heartbeat,
    thermalTrips: draft.thermalTrips,
    link: linkOf(draft),
    pcieErrors: draft.pcieErrors,
    flitCounters: [],
    rejected: draft.rejected,
    numaNode: draft.numaNode,
  };
}

/** The driver's name for the board; where it has none, the serial's, then the PCI subsystem's. */
function boardOf({ cardType, serial, subsystemId }: CardDraft, arch: Architecture | undefined): string | undefined {
  if (cardType !== undefined) return cardType;
  const named = serial === undefined ? undefined : boardOfSerial(serial);
  return named ?? (subsystemId === undefined ? undefined : boardOfSubsystem(subsystemId, arch));
}

function fanOf(draft: CardDraft, board: string | undefined): number | undefined {
  if (draft.fanRaw === undefined) return undefined;
  const judgement = judgeFan(draft.fanRaw, board);
  if (judgement.kind === 'rejected') reject(draft, 'fan', judgement.reason);
  return judgement.kind === 'value' ? judgement.value : undefined;
}

/**
 * Speed and width come from the same register: where the width is no width, all ones most likely, the speed is not
 * believed either (linux reads a highest speed of 64 GT/s out of all ones).
 */
function linkOf({ link, maxLink }: CardDraft): PcieLink {
  const known = link.width === undefined || isLinkWidth(link.width);
  const maxKnown = maxLink.width === undefined || isLinkWidth(maxLink.width);
  return {
    speed: known ? link.speed : undefined,
    maxSpeed: maxKnown ? maxLink.speed : undefined,
    width: known ? link.width : undefined,
    maxWidth: maxKnown ? maxLink.width : undefined,
  };
}
