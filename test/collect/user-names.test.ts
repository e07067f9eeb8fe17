import assert from 'node:assert/strict';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { UserNames, parseUserNames } from '../../src/collect/user-names.ts';

describe('the names of users', () => {
  it('are by uid, the first of several, and only where they can be shown', () => {
    const text = `root:x:0:0:root:/root:/bin/bash
toor:x:0:0::/root:/bin/sh
alice:x:1000:1000:Alice Liddell,,,:/home/alice:/bin/bash
svc$:x:1001:1001::/:/bin/false
bad name:x:1002:1002::/:/bin/false
${'n'.repeat(65)}:x:1003:1003::/:/bin/false
no-uid:x::1:::
+@netgroup::::::
short
:x:1004:
`;
    assert.deepEqual(
      parseUserNames(text),
      new Map([
        [0, 'root'],
        [1000, 'alice'],
        [1001, 'svc$'],
      ]),
    );
  });

  it('are read again when the file has changed, and none where it cannot be read', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'user-names-'));
    t.after(() => rm(folder, { recursive: true }));
    const path = join(folder, 'passwd');
    const names = new UserNames(path);
    assert.deepEqual(await names.read(), new Map());
    await writeFile(path, 'a:x:1:1\n');
    const first = await names.read();
    assert.deepEqual(first, new Map([[1, 'a']]));
    assert.equal(await names.read(), first);
    await writeFile(`${path}.new`, 'b:x:1:1\n');
    await rename(`${path}.new`, path);
    assert.deepEqual(await names.read(), new Map([[1, 'b']]));
    await rm(path);
    assert.deepEqual(await names.read(), new Map());
  });
});
