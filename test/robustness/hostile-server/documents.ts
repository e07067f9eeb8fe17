import { MAX_DOCUMENT_BYTES, MAX_ENTRIES } from '../../../src/protocol/snapshot-document.ts';

/** A document in parts that are made as they are sent, for it can be larger than a test likes to hold. */
export interface SentDocument {
  readonly bytes: number;
  parts(): Iterable<Buffer>;
}

const HEAD = '{"schema":1,"minReader":1,"server":{"version":"1","startSeconds":1,"messages":{},"rejectedMessages":{}},';
/** Of one process, short of what a reader refuses. */
const PROCESS_BYTES = 120 * 1024;

/** What wants to cost a reader most, each as large as a document may be. By what is in it. */
export const HOSTILE_DOCUMENTS: Readonly<Record<string, () => SentDocument>> = {
  'lists in lists, 50 million deep': () => filled(`${HEAD}"later":`, '[', ']', '}'),
  'millions of empty objects': () => filled(`${HEAD}"later":[{}`, ',{}', '', ']}'),
  'one name of 96 million letters': () => filled(`${HEAD}"`, 'x', '', '":0}'),
  'one text of 96 million letters': () => filled(`${HEAD}"server":"`, 'x', '', '"}'),
  'one number of 96 million digits': () => filled(`${HEAD}"takenSeconds":`, '1', '', '}'),
  'the same member millions of times': () => filled(`${HEAD}"schema":1`, ',"schema":1', '', '}'),
  'processes with lists in lists': () => processes(() => deep(PROCESS_BYTES)),
  'processes with tens of thousands of empty objects': () => processes(() => list('{}')),
  'processes with objects of ever other names': () => processes((turn) => list((index) => `{"n${turn}x${index}":0}`)),
  'processes with numbers as names': () => processes((turn) => list((index) => `{"${turn * 9999 + index}":0}`)),
  'processes with thousands of names': () => processes((turn) => `{${join((index) => `"n${turn}x${index}":0`)}}`),
  'processes with long numbers': () => processes(() => list('1'.repeat(9000))),
  'processes with the same number thousands of times': () => processes(() => `{${join('"dram":18014398509481984e0')}}`),
};

/** As many bytes as a document may have: `head`, `open` as often as fits, as many `close`, `tail`. */
function filled(head: string, open: string, close: string, tail: string): SentDocument {
  const times = Math.floor((MAX_DOCUMENT_BYTES - head.length - tail.length) / (open.length + close.length));
  return sent([head], repeated(open, times), repeated(close, times), [tail]);
}

/** Processes of one device, each with a value that the schema does not have among its types. */
function processes(value: (turn: number) => string): SentDocument {
  const variants = Array.from(
    { length: 8 },
    (_, turn) => `{"pid":1,"partial":false,"liveBytes":{"later":${value(turn)}}}`,
  );
  const head = `${HEAD}"devices":[{"id":0,"liveBytes":{},"processes":[${variants[0] ?? ''}`;
  const tail = ']}]}';
  const size = Math.max(...variants.map((variant) => variant.length)) + 1;
  const times = Math.floor((MAX_DOCUMENT_BYTES - head.length - tail.length) / size);
  const each = Array.from({ length: times }, (_, turn) => `,${variants[turn % variants.length] ?? ''}`);
  return sent([head], each, [tail]);
}

function deep(bytes: number): string {
  return '['.repeat(bytes / 2) + ']'.repeat(bytes / 2);
}

function list(item: string | ((index: number) => string)): string {
  return `[${join(item)}]`;
}

/** Items with commas between them, as many as a process has room for. */
function join(item: string | ((index: number) => string)): string {
  const of = (index: number): string => (typeof item === 'string' ? item : item(index));
  const items: string[] = [];
  for (let bytes = 0, index = 0; bytes < PROCESS_BYTES; index++) {
    const next = of(index);
    items.push(next);
    bytes += next.length + 1;
  }
  return items.join(',');
}

/** A document that is taken: every list full; names as long as they may be, of letters that take two bytes; numbers that cannot be. */
export function fullestDocument(): SentDocument {
  const types = ['dram', 'trace', 'l1', 'l1_small', 'cb', 'kernel', 'host'];
  const amounts = `{${types.map((type, index) => `"${type}":${9_007_199_254_740_000 + index}`).join(',')}}`;
  const name = 'ж'.repeat(256);
  const sizes = `"liveBytes":${amounts},"liveBuffers":${amounts},"peakBytes":${amounts}`;
  const churn = `"counters":{"allocations":${amounts},"frees":${amounts},"allocatedBytes":${amounts},"freedBytes":${amounts}}`;
  const times = '"oldestBufferSeconds":1.5,"lastActivitySeconds":1.5,"startSeconds":1.5';
  const process = (index: number): string =>
    `{"pid":${index},"hostPid":${index + 1},"comm":"${name}","partial":true,${sizes},${churn},${times},"cbMaxCoreBytes":9007199254740000}`;
  const share = MAX_ENTRIES.processes / MAX_ENTRIES.devices;
  const device = (id: number): string =>
    `{"id":${id},${sizes},${churn},"processes":[${listed(share, (index) => process(id * share + index))}]}`;
  const holdings = MAX_ENTRIES.endedHoldings / MAX_ENTRIES.endedProcesses;
  const ended = (index: number): string =>
    `{"pid":${index},"comm":"${name}","containerId":"${name}","podUid":"${name}","slurmJobId":"${name}","unit":"${name}",` +
    `"devices":[${listed(holdings, (id) => `{"id":${id},"peakBytes":{"dram":${id}}}`)}]}`;
  const region = (index: number): string => `{"chipId":"${index}","peakBytes":${amounts},"processes":[]}`;
  const parts = [
    `${HEAD}"devices":[`,
    ...separated(MAX_ENTRIES.devices, device),
    '],"endedProcesses":[',
    ...separated(MAX_ENTRIES.endedProcesses, ended),
    '],"regions":[',
    ...separated(MAX_ENTRIES.regions, region),
    ']}',
  ];
  return sent(parts);
}

function separated(count: number, item: (index: number) => string): string[] {
  return Array.from({ length: count }, (_, index) => `${index === 0 ? '' : ','}${item(index)}`);
}

function listed(count: number, item: (index: number) => string): string {
  return separated(count, item).join('');
}

function repeated(text: string, times: number): string[] {
  const each = Math.max(1, Math.floor(2 ** 18 / Math.max(1, text.length)));
  const whole = text.repeat(Math.min(each, times));
  const parts = Array.from({ length: Math.floor(times / each) }, () => whole);
  return [...parts, text.repeat(times % each)];
}

function sent(...texts: readonly (readonly string[])[]): SentDocument {
  const parts = texts.flat();
  return {
    bytes: parts.reduce((sum, part) => sum + Buffer.byteLength(part), 0),
    *parts() {
      for (const part of parts) yield Buffer.from(part);
    },
  };
}
