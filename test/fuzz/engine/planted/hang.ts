/** An input that never comes back; the argument: where it is to be put. */
import { Watchdog } from '../watchdog.ts';

const [, , path = ''] = process.argv;
const watchdog = new Watchdog(path, 64, 300);
watchdog.begin(Buffer.from('for ever'));
const turn = { over: false };
while (!turn.over) turn.over = false;
