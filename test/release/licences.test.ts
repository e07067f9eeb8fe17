import assert from 'node:assert/strict';
import { it } from 'node:test';
import { packageLicences } from './licences.ts';

/** Licences that go with Apache-2.0 and ask for no more than being named. */
const OPEN = [
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'ISC',
  'MIT',
  'Unlicense',
];

/** Packages whose package.json names none in the field of today; read in their files. */
const READ: Readonly<Record<string, string>> = {
  buildcheck: 'MIT',
  'cpu-features': 'MIT',
  'node-bitmap': 'MIT',
  ssh2: 'MIT',
};

it('every package that is used has an open licence', () => {
  const licences = packageLicences();
  const others = licences.filter(({ name, licence }) => {
    const expression = licence ?? READ[name.slice(0, name.lastIndexOf('@'))] ?? 'none';
    return !expression
      .replaceAll(/[()]/g, '')
      .split(/ (?:AND|OR) /)
      .every((one) => OPEN.includes(one));
  });
  assert.deepEqual(others, []);
  const shipped = licences.filter((one) => one.shipped).map(({ name }) => name.slice(0, name.lastIndexOf('@')));
  assert.deepEqual(
    ['bcryptjs', 'express', 'prom-client', 'eslint'].filter((name) => shipped.includes(name)),
    ['bcryptjs', 'express', 'prom-client'],
  );
});
