/* Run with a limit of 64 descriptors: reads 100 files of a folder it is given three times, and says what came of it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { KeptFiles } from '../../src/io/kept-files.ts';
import { descriptorsInto, laneOf } from './temp-folder.ts';

const folder = process.argv[2] ?? '';
const paths = Array.from({ length: 100 }, (_, index) => join(folder, String(index)));
for (const path of paths) writeFileSync(path, '12345');

const kept = new KeptFiles();
kept.define(laneOf('x', paths));
const buffer = Buffer.alloc(65);
let whole = 0;
for (let run = 0; run < 3; run += 1) {
  if (kept.files('x').every((file) => kept.read(file, buffer, 0) === 5)) whole += 1;
}
const few = descriptorsInto(folder) < 64 ? 'less' : 'not less';
process.stdout.write(`${whole} runs of ${paths.length} files, ${few} than 64 kept\n`);
