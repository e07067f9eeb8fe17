import type { Attribute, Verdict } from './attribute.ts';
import type { CardDraft } from './draft.ts';
import { reject } from './draft.ts';
import { memo } from './memo.ts';
import { parseAer, parseId, parseInteger, parseLinkSpeed, parseU32, parseVersion, withSeverity } from './parse.ts';
import type { SensorRule } from './plausibility.ts';
import { SENSOR_RULES, judge, judgeId, judgeVersion } from './plausibility.ts';
import type { FirmwareComponent, PcieErrorCount } from './types.ts';

const WORD_BYTES = 64;
/** sysfs gives at most a page. */
const AER_BYTES = 4096;

type Row = Pick<Attribute, 'home' | 'file' | 'take'> & Partial<Attribute>;

function attribute(row: Row): Attribute {
  return {
    maxBytes: WORD_BYTES,
    lane: row.home === 'pci' ? 'pci' : 'driver',
    evidence: 'none',
    absentOn: undefined,
    ...row,
  };
}

/** A row whose text is parsed, and dropped with `malformed` where the parser knows nothing of it. */
export function parsed<T>(
  row: Omit<Row, 'take'>,
  parse: (text: string) => T | undefined,
  store: (draft: CardDraft, value: T) => Verdict,
): Attribute {
  return attribute({
    ...row,
    take: (text, draft) => {
      const value = parse(text);
      return value === undefined ? 'malformed' : store(draft, value);
    },
  });
}

type SensorRow = Omit<Row, 'take'> & { readonly sensor: string; readonly rule: SensorRule };

export function sensor(
  { sensor: name, rule, ...row }: SensorRow,
  store: (draft: CardDraft, value: number) => void,
): Attribute {
  return parsed({ evidence: 'live', ...row }, parseInteger, (draft, raw) => {
    const judgement = judge(raw, rule);
    if (judgement.kind === 'absent') return 'good';
    if (judgement.kind === 'value') {
      store(draft, judgement.value);
      return 'good';
    }
    reject(draft, name, judgement.reason);
    return judgement.reason === 'all_ones' ? 'all_ones' : 'rejected';
  });
}

export function id(file: string, store: (draft: CardDraft, value: bigint) => void): Attribute {
  return telemetryText(file, parseId, (draft, value) => {
    const kind = judgeId(value);
    if (kind === 'value') store(draft, value);
    return kind === 'all_ones' ? 'all_ones' : 'good';
  });
}

export function firmware(file: string, component: FirmwareComponent, absentOn?: Attribute['absentOn']): Attribute {
  const row = telemetryText(file, parseVersion, (draft, version) => {
    const kind = judgeVersion(version);
    if (kind === 'value') draft.firmware.push({ component, version });
    return kind === 'all_ones' ? 'all_ones' : 'good';
  });
  return { ...row, absentOn };
}

/** Text that firmware publishes. An empty line is one that it does not know. */
export function telemetryText<T>(
  file: string,
  parse: (text: string) => T | undefined,
  store: (draft: CardDraft, value: T) => Verdict,
): Attribute {
  const row = parsed({ home: 'class', file, evidence: 'telemetry' }, parse, store);
  return { ...row, take: (text, draft) => (text.trim() === '' ? 'nothing' : row.take(text, draft)) };
}

type SensorOnChip = 'temperature' | 'voltage' | 'current' | 'power';

/** A hwmon channel: `<channel>_input`, a moving reading, and `<channel>_max`. */
export function channel(name: string, quantity: SensorOnChip, label: string): Attribute[] {
  return [
    sensor({ home: 'hwmon', file: `${name}_input`, sensor: label, rule: SENSOR_RULES[quantity] }, (draft, value) => {
      draft[quantity].value = value;
    }),
    sensor(
      {
        home: 'hwmon',
        file: `${name}_max`,
        sensor: label,
        rule: SENSOR_RULES[`${quantity}Limit`],
        evidence: 'telemetry',
      },
      (draft, value) => {
        draft[quantity].limit = value;
      },
    ),
  ];
}

export function clock(file: string, name: keyof CardDraft['clocks']): Attribute {
  return sensor({ home: 'class', file, sensor: `clock_${name}`, rule: SENSOR_RULES.clock }, (draft, value) => {
    draft.clocks[name] = value;
  });
}

/** What the link files say, at the end the width decides what of it is true. */
export function link(which: 'link' | 'maxLink', prefix: string): Attribute[] {
  return [
    attribute({
      home: 'pci',
      file: `${prefix}_link_speed`,
      take: (text, draft) => {
        draft[which].speed = parseLinkSpeed(text);
        return 'nothing';
      },
    }),
    attribute({
      home: 'pci',
      file: `${prefix}_link_width`,
      take: (text, draft) => {
        draft[which].width = parseU32(text);
        return 'nothing';
      },
    }),
  ];
}

export function aer(file: string, severity: PcieErrorCount['severity']): Attribute {
  // The same on most cards and scrapes.
  const parse = memo((text: string) => {
    const read = parseAer(text);
    return { errors: withSeverity(read, severity), malformed: read.malformedLines > 0 };
  });
  return attribute({
    home: 'pci',
    file,
    maxBytes: AER_BYTES,
    take: (text, draft) => {
      const { errors, malformed } = parse(text);
      draft.pcieErrors.push(...errors);
      return malformed ? 'malformed' : 'good';
    },
  });
}
