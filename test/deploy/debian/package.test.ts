import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { eventually } from '../../support/eventually.ts';
import { builtPackage } from './built-package.ts';
import type { BuiltPackage } from './built-package.ts';

const LIB = 'usr/lib/tenstorrent-exporter';

function digest(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

describe('the Debian package', () => {
  let built: BuiltPackage;
  before(() => {
    built = builtPackage();
  });
  after(() => {
    built.remove();
  });

  it('has the same bytes when it is made again, later, by another user in another time zone', async () => {
    const first = digest(built.file);
    const umask = process.umask(0o027);
    const { TZ: zone } = process.env;
    process.env['TZ'] = 'Pacific/Auckland';
    const made = Date.now();
    await eventually('another second', () => Date.now() - made > 1000);
    const again = builtPackage();
    try {
      assert.equal(digest(again.file), first);
    } finally {
      again.remove();
      process.umask(umask);
      if (zone === undefined) delete process.env['TZ'];
      else process.env['TZ'] = zone;
    }
  });

  it('pleases lintian, but for what the overrides give reasons for', () => {
    const output = execFileSync('lintian', ['--no-cfg', '--allow-root', '--tag-display-limit=0', built.file], {
      encoding: 'utf8',
      env: { ...process.env, LC_ALL: 'C.UTF-8' },
    });
    assert.equal(output, '');
  });

  it('has its programs, units, manual pages and completion, everything owned by root', () => {
    const rows = execFileSync('dpkg-deb', ['--contents', built.file], { encoding: 'utf8' }).trimEnd().split('\n');
    const entries = rows.map((row) => /^(\S+) (\S+) +\d+ (\S+ \S+) \.\/(.*)$/.exec(row) ?? []);
    assert.deepEqual(new Set(entries.map(([, , owner]) => owner)), new Set(['root/root']));
    assert.deepEqual(new Set(entries.map(([, , , time]) => time)), new Set(['2026-01-02 03:04']));
    assert.deepEqual(new Set(entries.map(([, mode]) => mode)), new Set(['drwxr-xr-x', '-rwxr-xr-x', '-rw-r--r--']));
    const files = entries
      .filter(([, mode]) => mode?.startsWith('-') === true)
      .map(([, mode, , , path = '']) => [path, mode]);
    const own = files.filter(([path]) => !/^usr\/lib\/tenstorrent-exporter\/(?:dist|node_modules)\//.test(path ?? ''));
    assert.deepEqual(
      own.map(([path, mode]) => `${mode?.includes('x') === true ? '*' : ' '} ${path}`).sort(),
      [
        '  etc/default/tenstorrent-exporter',
        '  etc/default/tenstorrent-exporter-reader',
        '  etc/default/tt-allocation-server',
        '  lib/systemd/system/tenstorrent-exporter-reader.service',
        '  lib/systemd/system/tenstorrent-exporter.service',
        '  lib/systemd/system/tt-allocation-server.service',
        '  lib/systemd/system/tt-allocation-server.socket',
        '  usr/lib/sysusers.d/tenstorrent-exporter.conf',
        `  ${LIB}/native/descriptors.node`,
        `  ${LIB}/package.json`,
        '  usr/lib/tmpfiles.d/tenstorrent-exporter.conf',
        '  usr/share/bash-completion/completions/tenstorrent-exporter',
        '  usr/share/bash-completion/completions/tt-allocation-server',
        '  usr/share/doc/tenstorrent-exporter/METRICS.md.gz',
        '  usr/share/doc/tenstorrent-exporter/NODE-LICENSE.gz',
        '  usr/share/doc/tenstorrent-exporter/changelog.gz',
        '  usr/share/doc/tenstorrent-exporter/copyright',
        '  usr/share/fish/vendor_completions.d/tenstorrent-exporter.fish',
        '  usr/share/fish/vendor_completions.d/tt-allocation-server.fish',
        '  usr/share/lintian/overrides/tenstorrent-exporter',
        '  usr/share/man/man1/tenstorrent-exporter-check.1.gz',
        '  usr/share/man/man1/tenstorrent-exporter-smi.1.gz',
        '  usr/share/man/man1/tenstorrent-exporter-top.1.gz',
        '  usr/share/man/man8/tenstorrent-exporter-reader.8.gz',
        '  usr/share/man/man8/tenstorrent-exporter.8.gz',
        '  usr/share/man/man8/tt-allocation-server.8.gz',
        '  usr/share/zsh/vendor-completions/_tenstorrent-exporter',
        '  usr/share/zsh/vendor-completions/_tt-allocation-server',
        '* usr/bin/tenstorrent-exporter',
        '* usr/bin/tt-allocation-server',
        `* ${LIB}/bin/node`,
      ].sort(),
    );
    const modules = files.flatMap(([path = '']) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []);
    const needed = ['express', 'prom-client', '@grpc/grpc-js', 'typescript', 'testcontainers', 'node'];
    assert.deepEqual(
      needed.filter((name) => modules.includes(name)),
      ['express', 'prom-client', '@grpc/grpc-js'],
    );
  });
});
