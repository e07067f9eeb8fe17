import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import type { PageRequest } from '../../src/reader/types.ts';
import { emptySnapshot, FakeCollector, promptCollector, serviceOf } from '../support/fake-collector.ts';

const REQUEST: PageRequest = {
  collectors: undefined,
  format: 'text',
  gzip: false,
  timeoutMs: 1000,
  own: () => Promise.resolve({ bytes: Buffer.from('own 1\n'), samples: 1 }),
};

describe('the reading side', () => {
  it('collects what was asked for by the deadline that was given', async () => {
    const collector = promptCollector('2.0.0');
    const before = performance.now();
    await serviceOf(collector).page({ ...REQUEST, collectors: ['sysfs'], timeoutMs: 5000 });
    const [request] = collector.requests;
    assert.deepEqual(request?.collectors, ['sysfs']);
    assert.ok(request.deadlineAt >= before + 5000 && request.deadlineAt <= performance.now() + 5000);
  });

  it('puts the own families behind the others and compresses if asked', async () => {
    const service = serviceOf(promptCollector('2.0.0'));
    const plain = Buffer.from((await service.page(REQUEST)).body).toString();
    assert.match(plain, /tt_driver_info\{version="2.0.0"\} 1\n/);
    assert.match(plain, /\nown 1\n$/);
    const compressed = await service.page({ ...REQUEST, gzip: true });
    assert.equal(gunzipSync(compressed.body).toString(), plain);
    const open = Buffer.from((await service.page({ ...REQUEST, format: 'openmetrics' })).body).toString();
    assert.match(open, /\nown 1\n# EOF\n$/);
  });

  it('gives bytes that the next page does not change', async () => {
    let mark = 0;
    const collector = new FakeCollector(() => Promise.resolve(emptySnapshot(`${mark++}`)));
    const service = serviceOf(collector);
    const first = await service.page(REQUEST);
    const before = Buffer.from(first.body).toString();
    await service.page(REQUEST);
    assert.equal(Buffer.from(first.body).toString(), before);
    assert.match(before, /version="0"/);
  });

  it('tells once that the first answer is there', async () => {
    let told = 0;
    const collector = promptCollector('1');
    const service = serviceOf(collector, { onFirstAnswer: () => told++ });
    const samples = service.samples({ timeoutMs: 1000 });
    assert.equal(told, 0);
    await samples;
    assert.equal(told, 1);
    await service.page(REQUEST);
    await service.page(REQUEST);
    assert.equal(told, 1);
  });

  it('says what went wrong where a reload throws', async () => {
    const collector = promptCollector('1');
    collector.reload = () => Promise.reject(new Error('bad file'));
    assert.deepEqual(await serviceOf(collector).reload(), { ok: false, message: 'bad file' });
  });
});
