/** `npm run soak:server -- --minutes=5` */
import { parseArgs } from 'node:util';
import { soak } from './soak.ts';

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '1' } } });
const seconds = Number(values.minutes) * 60;
if (!(seconds > 0)) throw new RangeError(`--minutes=${values.minutes} is no time`);
const result = await soak({ seconds, clients: 24, fuzzers: 6, reports: 3000, log: console.log });
console.log(JSON.stringify(result));
const [first, last] = result.resident;
const [before, after] = result.descriptors;
if (after > before || last > first * 1.5 + 32 * 2 ** 20) {
  console.error('something has leaked');
  process.exitCode = 1;
}
