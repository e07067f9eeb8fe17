import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { COMMANDS } from '../../src/flags/commands.ts';
import { flagsMarkdown, helpText } from '../../src/flags/help.ts';
import { ALL_FLAGS } from '../../src/flags/table.ts';

describe('--help', () => {
  it('names every flag that the command takes, with its default, on lines of at most 80 columns', () => {
    for (const command of COMMANDS) {
      const text = helpText(command);
      assert.match(text, new RegExp(`^usage: tenstorrent-exporter ${command.name}`));
      for (const flag of command.flags) assert.ok(text.includes(flag.name), flag.name);
      for (const line of text.split('\n')) assert.ok(line.length <= 80, line);
    }
    const [exporter] = COMMANDS;
    assert.ok(exporter !== undefined);
    const lines = helpText(exporter).split('\n');
    const at = lines.indexOf('  --web.listen-address=ADDRESS');
    assert.deepEqual(lines.slice(at + 1, at + 4), [
      '      Where to answer HTTP: host:port, :port, [ipv6]:port or unix:/path. Port 0',
      '      lets the system choose. Can be given several times. Default: :10072.',
      '  --web.telemetry-path=PATH',
    ]);
    assert.ok(lines.includes('  --[no-]collector.sysfs'));
    assert.ok(lines.includes('  -h, --help'));
  });

  it('is well written: every flag has a unique name and a sentence', () => {
    const flags = ALL_FLAGS;
    assert.equal(new Set(flags.map((flag) => flag.name)).size, flags.length);
    for (const flag of flags) assert.match(flag.help, /^[A-Z].*\.$/, flag.name);
  });
});

describe('the table of flags for the README', () => {
  it('has a row for each flag', () => {
    const rows = flagsMarkdown()
      .split('\n')
      .filter((line) => line.startsWith('| `'));
    assert.equal(rows.length, ALL_FLAGS.length);
    assert.ok(rows.includes('| `--web.telemetry-path=PATH` | `/metrics` | Path of the page with the metrics. |'));
    assert.ok(rows.includes('| `--[no-]collector.procfs` | on | Read processes from procfs. |'));
  });
});
