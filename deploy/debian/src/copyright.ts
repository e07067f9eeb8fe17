import { licenceText, productionModules } from './production-modules.ts';
import type { ProductionModule } from './production-modules.ts';

/** Whose package.json names none; read in its files. */
const READ: Readonly<Record<string, string>> = { 'node-bitmap': 'MIT' };

const APACHE = 'On Debian systems the text of the Apache License 2.0 is in /usr/share/common-licenses/Apache-2.0.';

/** The file `copyright` of the package: its own licence, and those of everything that comes with it. */
export function copyright(): string {
  const parts = [
    `tenstorrent-exporter\n\nCopyright: its contributors\nLicence: Apache-2.0\n\n${APACHE}\n`,
    'Node.js, /usr/lib/tenstorrent-exporter/bin/node\n\nIts licence, with those of what it contains, is in NODE-LICENSE.gz beside this file.\n',
    ...productionModules().map(moduleLicence),
  ];
  return parts.join(`\n${'-'.repeat(78)}\n\n`);
}

function moduleLicence(module: ProductionModule): string {
  const name = module.path.replace(/^.*node_modules\//, '');
  const licence = module.licence ?? READ[name];
  if (licence === undefined) throw new Error(`${name} names no licence: read its files, and say it in copyright.ts`);
  const heading = `${name} ${module.version}, /usr/lib/tenstorrent-exporter/${module.path}`;
  return `${heading}\n\nLicence: ${licence}\n\n${words(licenceText(module))}`;
}

function words(text: string | undefined): string {
  if (text === undefined) return '';
  return /Apache License\s+Version 2\.0/.test(text) ? `${APACHE}\n` : `${text.replaceAll('\r', '').trim()}\n`;
}
