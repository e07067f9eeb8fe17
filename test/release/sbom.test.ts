import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { it } from 'node:test';
import { promisify } from 'node:util';

it('the list of components names what is shipped, every dependency of the package, and not what it is made with', async () => {
  const cwd = new URL('../../', import.meta.url);
  const { stdout } = await promisify(execFile)('npm', ['run', '--silent', 'sbom'], {
    cwd,
    maxBuffer: 64 * 1024 * 1024,
  });
  const { bomFormat, components } = JSON.parse(stdout) as {
    bomFormat: string;
    components: { name: string; group?: string }[];
  };
  const names = components.map(({ name, group }) => (group === undefined ? name : `${group}/${name}`));
  const { dependencies } = JSON.parse(await readFile(new URL('package.json', cwd), 'utf8')) as { dependencies: object };
  assert.equal(bomFormat, 'CycloneDX');
  assert.deepEqual(
    Object.keys(dependencies).filter((name) => !names.includes(name)),
    [],
  );
  assert.deepEqual(
    ['eslint', 'typescript', 'fast-check'].filter((name) => names.includes(name)),
    [],
  );
});
