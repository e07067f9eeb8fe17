import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createSimulatedHost } from '../../src/simulator/hosts.ts';
import type { SimulatedHost } from '../../src/simulator/hosts.ts';
import { assertGolden } from '../support/golden.ts';
import { BOOT_TIME, populateHost } from '../support/populate-host.ts';
import { CLI_PATH, startExporter, startProgram } from '../support/start-exporter.ts';
import { openTerminal } from '../support/tmux.ts';
import type { TestTerminal } from '../support/tmux.ts';

let host: SimulatedHost;
let terminal: TestTerminal;
before(async () => {
  host = await createSimulatedHost('mixed', { bootTime: BOOT_TIME });
  populateHost(host);
  terminal = await openTerminal({ width: 80, height: 24 });
});
after(async () => {
  await terminal.close();
  await host.close();
});

function command(...args: string[]): string {
  return [process.execPath, CLI_PATH, ...args].join(' ');
}

/** Without what differs from one run to the next: name of the host, time, ages, growth, and how long it has run. */
function still(lines: readonly string[]): string {
  const [head = '', ...rest] = lines;
  const body = rest.map((line) =>
    line
      .replace(/ +(-|0) +(\d\S*[smhd]|-)$/u, ' GROWTH AGE')
      .replace(/ +AGE$/u, ' AGE')
      .replace(/ +[▁▂▃▄▅▆▇█]+$/u, ' HISTORY'),
  );
  return [head.replace(/( driver \S+).*$/, '$1 …'), ...body, ''].join('\n');
}

describe('top in a terminal', () => {
  it('draws, sorts, resizes, and leaves the terminal as it was', async () => {
    await terminal.press(`clear; echo what was before; ${command('top', ...host.flags())}`, 'Enter');
    assertGolden('top/terminal-80.txt', still(await terminal.shows(/q quit[^]*$/)));
    await terminal.press('p');
    await terminal.shows(/PID▲/);
    await terminal.press('r');
    const reversed = await terminal.shows(/PID▼/);
    const pids = reversed.flatMap((line) => /^ *(\?\d+|\d{7}) /.exec(line)?.[1] ?? []);
    assert.deepEqual(pids, ['?999999', '3000004', '3000003', '3000002', '3000001']);
    await terminal.press('Space');
    await terminal.shows(/^PAUSED q quit/m);
    await terminal.press('Space', 'd');
    await terminal.resize({ width: 120, height: 30 });
    await terminal.shows(/^─{120}$/m);
    assertGolden('top/terminal-120.txt', still(await terminal.shows(/DRAM▼[^]*^q quit/m)));
    await terminal.resize({ width: 200, height: 12 });
    await terminal.shows(/^─{200}$/m);
    assertGolden('top/terminal-200.txt', still(await terminal.shows(/DRAM▼[^]*^q quit/m)));
    await terminal.press('End');
    await terminal.shows(/^\?999999 /m);
    await terminal.press('q');
    await terminal.shows(/what was before\n\$$/);
    await terminal.press('stty -a', 'Enter');
    await terminal.shows(/ icanon .* echo /);
  });

  it('ends on Ctrl-C too, and looks at another host by its page', async () => {
    const exporter = await startExporter(host.flags());
    try {
      await terminal.press(`clear; ${command('top', `--from=${exporter.url}`, '--device=1R')}; echo ended $?`, 'Enter');
      const screen = await terminal.shows(/^1R +n300 +via 1 [^]*q quit/m);
      assert.ok(!screen.some((line) => line.startsWith('0 ')));
      await exporter.stop();
      await terminal.shows(/cannot be read: .*ECONNREFUSED/);
      await terminal.press('C-c');
      await terminal.shows(/ended 0/);
    } finally {
      await exporter.stop();
    }
  });

  it('needs a terminal', async () => {
    const program = startProgram(['top', ...host.flags()]);
    const { code } = await program.ended;
    assert.deepEqual(
      [code, program.stderr()],
      [1, 'tenstorrent-exporter top: needs a terminal: take smi, or smi --watch\n'],
    );
  });
});

describe('smi in a terminal', () => {
  it('has colours there, and --watch redraws in place until Ctrl-C', async () => {
    await terminal.resize({ width: 100, height: 20 });
    await terminal.press(`clear; ${command('smi', '--watch=0.3', ...host.flags())}`, 'Enter');
    const first = await terminal.shows(/^tenstorrent-exporter[^]*ORPHANED/);
    await terminal.shows(new RegExp(`^(?!${first[0]?.slice(-19) ?? ''})tenstorrent-exporter`));
    assert.equal((await terminal.screen()).filter((line) => line.startsWith('tenstorrent-exporter')).length, 1);
    assert.match(first[1] ?? '', /^─{100}$/);
    assert.match(await terminal.colours(), /\x1b\[32mok/);
    await terminal.press('C-c');
    await terminal.shows(/\$$/);
  });
});
