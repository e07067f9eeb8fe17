import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from './build.ts';
import { TOP } from './top.ts';

const USAGE = `usage: npm run build -- [--out=FOLDER] [--unchecked] [--programs]

Makes what is installed, in FOLDER, which is dist by default: the programs, and the library.
--unchecked  does not check types: quicker
--programs   leaves out the types of the library
`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      out: { type: 'string' },
      unchecked: { type: 'boolean', default: false },
      programs: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) process.stdout.write(USAGE);
  else
    await build(resolve(values.out ?? join(TOP, 'dist')), { isChecked: !values.unchecked, hasTypes: !values.programs });
}

await main();
