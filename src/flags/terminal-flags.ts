import { listFlag, optionalFlag, optionalValueFlag, switchFlag, valueFlag } from './flag.ts';
import { parseDevice, parsePath, parsePositiveSeconds, parseSeconds, parseUrl } from './values.ts';

/** Flags of `smi`, `top` and `check`. The keys are those of Settings. */
export const TERMINAL_FLAGS = {
  watchSeconds: optionalValueFlag(
    {
      name: 'watch',
      group: 'terminal',
      placeholder: 'SECONDS',
      bare: '2',
      help: 'Show it again after so many seconds, fractions too, until Ctrl-C; 2 where no number is given.',
    },
    parsePositiveSeconds,
  ),
  devices: listFlag(
    {
      name: 'device',
      group: 'terminal',
      placeholder: 'CHIP',
      help: 'Only this chip, by the name that it has in the table and in the metrics.',
    },
    parseDevice,
  ),
  json: switchFlag({ name: 'json', group: 'terminal', on: false, help: 'JSON instead of a table.' }),
  colour: switchFlag({
    name: 'color',
    group: 'terminal',
    on: true,
    help: 'Colours on a terminal; NO_COLOR in the environment takes them away too.',
  }),
  ascii: switchFlag({
    name: 'ascii',
    group: 'terminal',
    on: false,
    help: 'Bars of ASCII characters, also where the locale is UTF-8.',
  }),
  from: optionalFlag(
    {
      name: 'from',
      group: 'terminal',
      placeholder: 'URL',
      help: 'Look at the host of a running exporter, by the URL of its page, instead of this one.',
    },
    parseUrl,
  ),
  readTimeoutSeconds: valueFlag(
    {
      name: 'read-timeout',
      group: 'terminal',
      placeholder: 'SECONDS',
      defaultText: '5',
      help: 'How long one reading may take; what has not come by then is left out.',
    },
    parsePositiveSeconds,
  ),
  clean: switchFlag({
    name: 'clean',
    group: 'check',
    on: false,
    help: 'Only whether chips are left clean: ends with 0 where nobody holds one and no bytes are charged, 3 where somebody does, 4 where bytes are left of processes that are gone, 5 where it cannot be known.',
  }),
  waitSeconds: valueFlag(
    {
      name: 'wait',
      group: 'check',
      placeholder: 'SECONDS',
      defaultText: '0',
      help: 'With --clean: look again for so long until it is clean.',
    },
    parseSeconds,
  ),
  baselineFile: optionalFlag(
    {
      name: 'baseline',
      group: 'check',
      placeholder: 'FILE',
      help: 'With --clean: what smi --json printed before; what was there already is no fault.',
    },
    parsePath,
  ),
  bundleFile: optionalFlag(
    {
      name: 'bundle',
      group: 'check',
      placeholder: 'FILE',
      help: 'Also write a new file with what was read, for whoever helps: a tar.gz of regions, sysfs, lines of /proc, the page and this report, with names of processes, containers, pods, units and boards replaced.',
    },
    parsePath,
  ),
} as const;
