import { failed, ok, warning } from './finding.ts';
import type { AddressFact, CheckFacts, Finding } from './types.ts';

/** 2026-01-01: this exporter is younger. */
const EARLIEST_SECONDS = 1_767_225_600;
/** A little ahead is the other clock's fault, which writes coarser times. */
const AHEAD_SECONDS = 60;

/** The clock, which ages and alerts are reckoned by. */
export function clockFindings({ view, sources }: CheckFacts): Finding[] {
  const now = view.takenAtSeconds;
  const advice = 'set the clock: timedatectl set-ntp true';
  if (now < EARLIEST_SECONDS)
    return [failed('clock', `says ${new Date(now * 1000).toISOString()}, which is past`, advice)];
  const regions = sources.sharedMemory?.data?.regions ?? [];
  const latest = Math.max(0, ...regions.map(({ region }) => region?.lastUpdateSeconds ?? 0));
  if (latest > now + AHEAD_SECONDS) {
    return [
      warning(
        'clock',
        `a region was written ${Math.round(latest - now)} s in the future: the clock was set back`,
        advice,
      ),
    ];
  }
  return [ok('clock', new Date(now * 1000).toISOString())];
}

/** Whether the exporter can listen where it is told to, or does already. */
export function addressFindings({ addresses }: CheckFacts): Finding[] {
  return addresses.map(({ address, state, problem }) => {
    const advice = 'give another --web.listen-address';
    const byState: Readonly<Record<AddressFact['state'], () => Finding>> = {
      free: () => ok('address', `${address} is free`),
      exporter: () => ok('address', `an exporter answers at ${address}`),
      protected: () =>
        warning('address', `somebody listens at ${address}, with a password or TLS: an exporter?`, advice),
      taken: () => failed('address', `another program listens at ${address}`, advice),
      not_possible: () => failed('address', `cannot listen at ${address}: ${problem ?? 'no reason is known'}`, advice),
    };
    return byState[state]();
  });
}

/** The files that flags name. */
export function fileFindings({ files }: CheckFacts): Finding[] {
  return files.map(({ flag, path, problem }) =>
    problem === undefined
      ? ok('configuration', `--${flag}: ${path} is good`)
      : failed('configuration', `--${flag}: ${problem}`, 'mend the file, or leave the flag out'),
  );
}
