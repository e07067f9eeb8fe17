/** `PROMETHEUS=http://… npm run pictures`: a PNG of every dashboard, light and dark, and a list of what is empty or wrong. */
import { mkdir, mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { preview } from 'vite';

const ROOT = join(import.meta.dirname, '..');
const OUT = process.env.OUT ?? (await mkdtemp(join(tmpdir(), 'pictures-')));
const ONLY = process.env.ONLY?.split(',');
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'];

const names = (await readdir(join(ROOT, '..', 'dashboards')))
  .filter((name) => name.endsWith('.json'))
  .map((name) => name.replace('.json', ''))
  .filter((name) => ONLY === undefined || ONLY.includes(name));
await mkdir(OUT, { recursive: true });
const server = await preview({
  root: ROOT,
  preview: {
    host: '127.0.0.1',
    port: 0,
    proxy: {
      '/prometheus': {
        target: process.env.PROMETHEUS ?? 'http://localhost:9090',
        rewrite: (path) => path.replace(/^\/prometheus/u, ''),
      },
    },
  },
});
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS });
let bad = 0;
try {
  for (const name of names)
    for (const theme of (process.env.THEMES ?? 'dark,light').split(',')) await take(name, theme);
} finally {
  await browser.close();
  await server.close();
}
console.log(`pictures in ${OUT}`);
process.exitCode = bad === 0 ? 0 : 1;

async function take(name, theme) {
  const page = await browser.newPage({ viewport: { width: 1616, height: 3000 } });
  page.on('pageerror', (error) => {
    bad += 1;
    console.error(`${name}: ${error.message.slice(0, 500)}`);
  });
  const times = new URLSearchParams({
    dashboard: name,
    theme,
    rows: process.env.ROWS ?? 'open',
    seconds: process.env.SECONDS_SHOWN ?? '300',
    window: process.env.WINDOW ?? '30s',
    to: process.env.TO ?? String(Date.now() / 1000),
  });
  await page.goto(`${server.resolvedUrls.local[0]}?${times}`);
  await page.waitForSelector('[data-state=drawn]', { timeout: 120_000 });
  // Lines are drawn in the frames after the data has come.
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 1500)));
  for (const mark of ['empty', 'wrong']) {
    const panels = await page.$$eval(`[data-${mark}]`, (all) =>
      all.map((one) => `${one.closest('[data-panel]').dataset.panel}: ${one.textContent.slice(0, 300)}`),
    );
    for (const panel of panels) {
      bad += 1;
      console.error(`${name}, ${mark}: ${panel}`);
    }
  }
  await (await page.$('[data-state=drawn]')).screenshot({ path: join(OUT, `${name}-${theme}.png`) });
  await page.close();
}
