import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseCollectorFilter } from '../../src/http/collector-filter.ts';
import { landingPage } from '../../src/http/landing-page.ts';
import { scrapeTimeoutMs } from '../../src/http/scrape-timeout.ts';

const KNOWN = ['allocation_server', 'shared_memory', 'sysfs', 'procfs', 'kubernetes'];
const ENABLED = ['allocation_server', 'shared_memory', 'sysfs'];

describe('the filter of collectors', () => {
  it('takes what is named, or all but what is named', () => {
    const cases: readonly (readonly [string, readonly string[] | undefined])[] = [
      ['/metrics', undefined],
      ['/metrics?', undefined],
      ['/metrics?x=1&collect=sysfs', undefined],
      ['/metrics?collect[]=sysfs', ['sysfs']],
      ['/metrics?collect%5B%5D=sysfs&collect[]=allocation_server&collect[]=sysfs', ['allocation_server', 'sysfs']],
      ['/metrics?exclude[]=sysfs', ['allocation_server', 'shared_memory']],
      ['/metrics?exclude[]=sysfs&exclude[]=allocation_server&exclude[]=shared_memory', []],
    ];
    for (const [url, collectors] of cases) {
      assert.deepEqual(parseCollectorFilter(url, KNOWN, ENABLED), { ok: true, collectors }, url);
    }
  });

  it('refuses both at once, unknown names and what is switched off', () => {
    const known = 'there are allocation_server, shared_memory, sysfs, procfs, kubernetes';
    const cases: readonly (readonly [string, string])[] = [
      ['?collect[]=sysfs&exclude[]=procfs', 'collect[] and exclude[] cannot be combined: give one of them'],
      ['?collect[]=sysf', `unknown collector "sysf": ${known}`],
      ['?exclude[]=', `unknown collector "": ${known}`],
      ['?collect[]=procfs', 'the collector procfs is switched off on this exporter'],
      ['?exclude[]=procfs', 'the collector procfs is switched off on this exporter'],
    ];
    for (const [url, message] of cases) {
      assert.deepEqual(parseCollectorFilter(url, KNOWN, ENABLED), { ok: false, message }, url);
    }
  });
});

describe('the time for a scrape', () => {
  it("is Prometheus's timeout less the offset, and 10 s where it is not said", () => {
    const cases: readonly (readonly [string | undefined, number, number])[] = [
      ['10', 0.5, 9500],
      ['2.500000', 0.5, 2000],
      ['10', 0, 10_000],
      ['0.2', 0.5, 100],
      ['999999999', 0.5, 300_000],
      [undefined, 0.5, 10_000],
      ['', 0.5, 10_000],
      ['0', 0.5, 10_000],
      ['-3', 0.5, 10_000],
      ['soon', 0.5, 10_000],
      ['NaN', 0.5, 10_000],
      ['Infinity', 0.5, 10_000],
      ['1, 2', 0.5, 10_000],
    ];
    for (const [header, offset, milliseconds] of cases)
      assert.equal(scrapeTimeoutMs(header, offset), milliseconds, header);
  });
});

describe('the landing page', () => {
  it('names the version and links the pages, escaped, and loads nothing', () => {
    const html = landingPage({ version: '1.2.3', telemetryPath: "/a&b'<" });
    assert.match(html, /<a href="\/a&amp;b'&lt;">/);
    assert.match(html, /Version 1.2.3/);
    assert.doesNotMatch(html, /<script|<link|<img|src=|https?:/);
  });
});
