import type { Card, CardState } from '../sources/sysfs/types.ts';
import { absent, count, failed, ok, sourceFindings, warning } from './finding.ts';
import type { CheckFacts, Finding } from './types.ts';

const AREA = 'sysfs';

/** The driver, and each chip on the bus. */
export function deviceFindings({ sources: { sysfs }, view }: CheckFacts): Finding[] {
  const findings = sourceFindings(AREA, sysfs);
  if (sysfs?.data === undefined) return findings;
  const { driverVersion, cards } = sysfs.data;
  findings.push(driverFinding(driverVersion, cards.length));
  if (cards.length > 0) findings.push(...chipFindings(cards));
  const { devicesExpected } = view;
  if (devicesExpected !== undefined && cards.length < devicesExpected) {
    const summary = `${count(cards.length, 'chip')} on the bus, ${devicesExpected} expected`;
    findings.push(failed(AREA, summary, 'look for the missing one with lspci -d 1e52: and in the kernel log'));
  }
  return findings;
}

function driverFinding(version: string | undefined, cards: number): Finding {
  if (version !== undefined) return ok(AREA, `driver ${version} is loaded`);
  if (cards === 0) {
    return absent(
      AREA,
      'no Tenstorrent chip on the PCI bus, and no driver',
      'if there should be a chip: lspci -d 1e52: shows whether the host sees it',
    );
  }
  return failed(
    AREA,
    `${count(cards, 'chip')} on the bus, and the driver is not loaded`,
    'modprobe tenstorrent, or install tt-kmd',
  );
}

interface Trouble {
  readonly words: string;
  readonly advice: string;
  readonly make: typeof failed;
}

const TROUBLES: Readonly<Record<Exclude<CardState, 'ok'> | 'unknown', Trouble>> = {
  resetting: {
    words: 'is in a reset',
    advice: 'wait; if it stays so for ten minutes, reset the board again or restart the host',
    make: warning,
  },
  firmware_down: {
    words: 'publishes no telemetry: its firmware does not run',
    advice: 'reset the board; if that does not help, flash its firmware',
    make: failed,
  },
  unreachable: {
    words: 'gives all ones: it has fallen off the bus',
    advice: 'reset the board, or take the power away; look at the kernel log for PCIe errors',
    make: failed,
  },
  no_driver: {
    words: 'has no driver bound to it',
    advice: 'modprobe tenstorrent; the kernel log says why it did not take this one',
    make: failed,
  },
  unknown: {
    words: 'cannot be told: a read of it is blocked or refused',
    advice: 'try again; a reset may be under way',
    make: warning,
  },
};

function chipFindings(cards: readonly Card[]): Finding[] {
  const findings: Finding[] = [];
  const good = cards.filter(({ state }) => state === 'ok').length;
  if (good > 0) findings.push(ok(AREA, `${count(good, 'chip')} with telemetry`));
  for (const { index, pciAddress, state, rejected } of cards) {
    const name = `chip ${index} (${pciAddress})`;
    if (state !== 'ok') {
      const { make, words, advice } = TROUBLES[state ?? 'unknown'];
      findings.push(make(AREA, `${name} ${words}`, advice));
    }
    const sensors = [...new Set(rejected.map(({ sensor, reason }) => `${sensor} (${reason})`))];
    if (sensors.length > 0 && state === 'ok') {
      findings.push(
        warning(
          AREA,
          `${name}: readings that cannot be true are left out: ${sensors.join(', ')}`,
          'a firmware update may mend it',
        ),
      );
    }
  }
  return findings;
}
