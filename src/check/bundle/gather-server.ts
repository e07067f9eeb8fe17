import { lstatSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { readHeader, openFrame } from '../../protocol/frame-reader.ts';
import { FrameSplitter } from '../../protocol/framing.ts';
import { FRAME_BYTES, dialectOfSize } from '../../protocol/layout.ts';
import type { Dialect } from '../../protocol/layout.ts';
import { MESSAGE } from '../../protocol/messages.ts';
import type { Talk } from '../../sources/allocation-server/connection.ts';
import { BUNDLE_FILES } from './manifest.ts';
import type { BundledAnswer, BundledServer } from './manifest.ts';
import { redactDocument } from './redact-document.ts';
import type { Redaction } from './redaction.ts';
import type { TreeRecord } from './tree-record.ts';

const ANSWERS: readonly number[] = [MESSAGE.RESPONSE, MESSAGE.DEVICE_INFO_RESPONSE, MESSAGE.SNAPSHOT_RESPONSE];

/**
 * What the allocation server said to the collection: the answer to the probe, each answer by its question, and the
 * document, which goes into the tree with other names. Bytes that are no answer may be anything, and are not kept.
 */
export function gatherServer(
  socket: string,
  talks: readonly Talk[],
  tree: TreeRecord,
  redaction: Redaction,
): BundledServer {
  const stats = socketStats(socket);
  const [probe, conversation] = talks.map(({ sent, received }) => ({
    sent: Buffer.concat(sent),
    received: Buffer.concat(received),
  }));
  const state = stats === undefined ? 'absent' : probe === undefined ? 'silent' : 'listens';
  const answered = probe?.received ?? Buffer.alloc(0);
  const dialect = dialectOfSize(answered.length);
  const server = { state, ownerUid: stats?.uid, answers: [], documentTimestamp: undefined } as const;
  if (dialect === undefined || !isAnswer(dialect, answered)) {
    if (answered.length > 0) tree.miss(`server: its answer to the probe, ${answered.length} bytes of no known kind`);
    return { ...server, probe: '' };
  }
  const said =
    conversation === undefined ? {} : answersOf(dialect, conversation.sent, conversation.received, tree, redaction);
  return { ...server, probe: answered.toString('hex'), ...said };
}

function answersOf(
  dialect: Dialect,
  sent: Buffer,
  received: Buffer,
  tree: TreeRecord,
  redaction: Redaction,
): Partial<BundledServer> {
  const answers: BundledAnswer[] = [];
  const size = FRAME_BYTES[dialect];
  let at = 0;
  for (const question of new FrameSplitter(size).push(sent)) {
    const { type, deviceId } = readHeader(openFrame(dialect, question));
    const answer = received.subarray(at, at + size);
    if (answer.length < size) break;
    if (!isAnswer(dialect, answer)) {
      tree.miss('server: an answer that is none');
      break;
    }
    at += size;
    if (type === MESSAGE.SNAPSHOT_QUERY) {
      const { timestamp } = readHeader(openFrame(dialect, answer));
      putDocument(received.subarray(at), tree, redaction);
      return { answers, documentTimestamp: timestamp.toString() };
    }
    answers.push({ type, device: deviceId, bytes: answer.toString('hex') });
  }
  return { answers };
}

function putDocument(bytes: Buffer, tree: TreeRecord, redaction: Redaction): void {
  const document = redactDocument(bytes, redaction);
  if (document === undefined) tree.miss('server: its document, which is no JSON');
  else tree.put(BUNDLE_FILES.document, document);
}

function isAnswer(dialect: Dialect, frame: Buffer): boolean {
  try {
    return ANSWERS.includes(readHeader(openFrame(dialect, frame)).type);
  } catch {
    return false;
  }
}

function socketStats(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch {
    return undefined;
  }
}
