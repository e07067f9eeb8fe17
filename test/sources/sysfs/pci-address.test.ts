import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { lastPciAddress, pciAddressOrder } from '../../../src/sources/sysfs/pci-address.ts';

test('addresses are ordered by their numbers, domain first', () => {
  const sorted = ['0000:01:00.0', '0000:01:00.1', '0000:01:1f.0', '0000:02:00.0', '0000:c1:00.0', '0002:00:00.0'];
  const all = [...sorted, 'ffff:00:00.0', '10000:00:00.0'];
  assert.deepEqual(
    all.toReversed().sort((a, b) => (pciAddressOrder(a) ?? NaN) - (pciAddressOrder(b) ?? NaN)),
    all,
  );
});

test('what is no address has no order', () => {
  for (const text of ['', '0000:01:00', '0000:01:20.0', '0000:01:00.8', 'pci0000:00', '0000:0g:00.0']) {
    assert.equal(pciAddressOrder(text), undefined);
  }
});

test('the last address of a link is the device, not its bridge', () => {
  assert.equal(lastPciAddress('../../devices/pci0000:00/0000:00:01.0/0000:c1:00.0/hwmon/hwmon4'), '0000:c1:00.0');
  assert.equal(lastPciAddress('../../../0000:01:00.0'), '0000:01:00.0');
  assert.equal(lastPciAddress('../../devices/platform/coretemp.0/hwmon/hwmon1'), undefined);
});

test('no two addresses have the same order', () => {
  const address = fc.tuple(fc.nat(0xffffffff), fc.nat(255), fc.nat(31), fc.nat(7)).map(([domain, bus, device, fn]) => {
    const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');
    return `${hex(domain, 4)}:${hex(bus, 2)}:${hex(device, 2)}.${String(fn)}`;
  });
  fc.assert(
    fc.property(address, address, (a, b) => {
      assert.ok(Number.isSafeInteger(pciAddressOrder(a)));
      assert.equal(pciAddressOrder(a) === pciAddressOrder(b), a === b);
    }),
  );
});
