import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { manPage } from '../../../deploy/debian/src/man-page.ts';
import { manPages } from '../../../deploy/debian/src/man-pages.ts';
import { spelling } from '../../../src/flags/flag-text.ts';

const RELEASE = { version: '1.2.3', date: new Date('2026-01-02') };
const ENV = { ...process.env, LC_ALL: 'C.UTF-8', MANWIDTH: '500', MAN_KEEP_FORMATTING: '' };

describe('the manual pages', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'man-'));
    for (const page of manPages()) {
      writeFileSync(join(folder, `${page.name}.${page.section}`), manPage(page, RELEASE));
    }
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  for (const { name, section, flags, title } of manPages()) {
    it(`${name}(${section}) has every flag as --help spells it, and man has nothing to complain of`, () => {
      const file = join(folder, `${name}.${section}`);
      const checked = spawnSync('man', ['--warnings', '-E', 'UTF-8', '-l', '-Tutf8', '-Z', file], { env: ENV });
      assert.equal(checked.stderr.toString(), '');
      const text = execFileSync('man', ['-l', file], { env: ENV, encoding: 'utf8' }).replaceAll(/.\x08/g, '');
      assert.ok(text.includes(`${name} - ${title}`), text.slice(0, 500));
      const missing = flags.map(spelling).filter((flag) => !text.includes(`  ${flag}\n`));
      assert.deepEqual(missing, []);
      assert.ok(text.includes(flags[0]?.help ?? ''));
    });
  }

  it('takes text that roff would take for something else as it is', () => {
    const [page] = manPages();
    assert.ok(page !== undefined);
    const file = join(folder, 'odd.1');
    const odd = '.so it\'s a \\fB "text" - of --dashes';
    writeFileSync(file, manPage({ ...page, name: 'odd', description: [odd] }, RELEASE));
    const text = execFileSync('man', ['-l', file], { env: ENV, encoding: 'utf8' });
    assert.ok(text.includes(odd), text.slice(0, 500));
  });
});
