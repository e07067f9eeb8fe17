import type { FuzzTarget } from '../target.ts';

/** Goes wrong behind two letters, which are found one at a time. */
export const PLANTED: FuzzTarget = {
  name: 'planted',
  seeds: () => [Buffer.from('ab')],
  tokens: [],
  maxBytes: 4,
  run(input) {
    if (input[0] === 0x73) {
      if (input[1] === 0x65) throw new TypeError('planted');
    }
  },
};
