import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { packTar } from '../../src/check/bundle/tar.ts';
import { readBundle } from '../../src/simulator/replay/read-bundle.ts';

const MANIFEST = { format: 'tenstorrent-exporter/bundle', version: 1, flags: [] };

function bundle(manifest: object, files: Readonly<Record<string, string>> = {}): Buffer {
  const all = new Map([['manifest.json', Buffer.from(JSON.stringify(manifest))]]);
  for (const [path, text] of Object.entries(files)) all.set(path, Buffer.from(text));
  return gzipSync(packTar(all, 0));
}

function refused(bytes: Buffer, message: string | RegExp): void {
  assert.throws(() => readBundle(bytes), { name: 'BundleError', message });
}

describe('a bundle', () => {
  it('is taken with what belongs to the host, and without what does not', () => {
    const links = { 'sys/class/hwmon/hwmon0': '../../devices/x', 'proc/7/fd/3': 'dev/shm/tt_device_5_memory' };
    const files = { 'sys/devices/x/name': 'blackhole\n', 'metrics.txt': 'tt_up 1\n', 'etc/cron.d/x': 'no' };
    const replay = readBundle(bundle({ ...MANIFEST, links }, files));
    assert.deepEqual([...replay.files], [['sys/devices/x/name', Buffer.from('blackhole\n')]]);
    assert.deepEqual([...replay.links], Object.entries(links));
    assert.equal(replay.page, 'tt_up 1\n');
  });

  it('is refused where it is something else', () => {
    refused(Buffer.from('no'), 'it is not compressed by gzip');
    refused(gzipSync(Buffer.from('no')), 'the archive is cut short');
    refused(gzipSync(packTar(new Map(), 0)), 'it has no manifest.json');
    refused(gzipSync(packTar(new Map([['manifest.json', Buffer.from('{')]]), 0)), 'manifest.json is no JSON');
    refused(bundle({}), 'it is no bundle of check --bundle');
    refused(bundle({ ...MANIFEST, version: 2 }), 'it is of another version than 1: take the release that made it');
    refused(bundle({ ...MANIFEST, regions: 7 }), 'manifest.json: regions: is no list');
  });

  it('is refused where it unpacks to more than any bundle has', () => {
    refused(gzipSync(Buffer.alloc(300 * 2 ** 20)), /^it unpacks to more than \d+ bytes$/);
  });

  it('is refused with a link that leads elsewhere', () => {
    const links = [
      ['sys/x', '/etc/passwd'],
      ['sys/x', '../etc/passwd'],
      ['sys/a/b', '../../proc/1'],
      ['sys/../x', 'y'],
      ['dev/shm/tt_device_5_memory', '/etc/passwd'],
      ['proc/7/fd/3', '/etc/passwd'],
      ['proc/7/fd/3', 'dev/shm/../../etc/passwd'],
      ['proc/7/fd/3', 'dev/shm/tt_device_5_memory/../x'],
      ['/proc/7', 'mnt:[7]'],
      ['etc/x', 'mnt:[7]'],
    ] as const;
    for (const [path, target] of links) {
      const message = `manifest.json: links: ${JSON.stringify(path)} is a link that could lead elsewhere`;
      refused(bundle({ ...MANIFEST, links: { [path]: target } }), message);
    }
  });

  it('is refused with a region or an error at a path that leads elsewhere', () => {
    const region = { status: 'decoded', shape: 'other' };
    refused(
      bundle({ ...MANIFEST, regions: [{ ...region, path: 'dev/shm/../../x' }] }),
      'manifest.json: regions[0].path: "dev/shm/../../x" is a path that could lead elsewhere',
    );
    refused(
      bundle({ ...MANIFEST, faults: [{ path: '../x', at: 'blocked' }] }),
      'manifest.json: faults[0].path: "../x" is a path that could lead elsewhere',
    );
    refused(
      bundle({ ...MANIFEST, faults: [{ path: 'sys/x', at: 'read', code: 'rm -rf' }] }),
      'manifest.json: faults[0].code: is no error code',
    );
  });

  it('is refused with flags that it has no reason to have, and with names that are paths', () => {
    for (const flag of ['--path.sysfs=/', '--process.detail=pid; rm -rf /', 7]) {
      refused(bundle({ ...MANIFEST, flags: [flag] }), /^manifest\.json: flags: .* is none that is taken$/);
    }
    refused(
      bundle({ ...MANIFEST, pods: [{ podName: '../../x', podNamespace: 'y' }] }),
      'manifest.json: pods[0].podName: "../../x" is none',
    );
    refused(
      bundle({ ...MANIFEST, server: { state: 'listens', probe: 'xyz' } }),
      'manifest.json: server.probe: "xyz" is none',
    );
  });
});
