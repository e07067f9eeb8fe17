/**
 * st_dev or st_rdev as stat() gives it, from major and minor: 12 bits of major from bit 8 on, the low 8 bits of minor
 * below them, its other 12 from bit 20 on (linux: include/linux/kdev_t.h, new_encode_dev).
 */
export function encodeDevice(major: number, minor: number): number {
  // Not by shifting: the upper bits of minor would make a negative number.
  return Math.floor(minor / 0x100) * 0x100000 + major * 0x100 + (minor % 0x100);
}

export function decodeDevice(device: number): { readonly major: number; readonly minor: number } {
  return {
    major: Math.floor(device / 0x100) % 0x1000,
    minor: Math.floor(device / 0x100000) * 0x100 + (device % 0x100),
  };
}

/**
 * The major number of the driver's character devices, from the text of /proc/devices: the first line of the character
 * part that names tenstorrent.
 */
export function parseDriverMajor(text: string): number | undefined {
  const [characterDevices = ''] = text.split('Block devices:');
  const match = /^\s*(\d{1,4}) tenstorrent\b/m.exec(characterDevices);
  return match === null ? undefined : Number(match[1]);
}
