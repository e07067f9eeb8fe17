/** ASCII `TTAC`, in the upper half of the announcement. */
const MAGIC = 0x5454_4143n;

/** The version of the extension that this code speaks. */
export const EXTENSION_VERSION = 1;

/**
 * The `buffer_id` by which a server announces the extension in its answer to DEVICE_INFO_QUERY(-1), and by which a
 * monitor's probe says that it understands it. Stock servers ignore it in a request and send 0.
 */
export const EXTENSION_BUFFER_ID = (MAGIC << 32n) | BigInt(EXTENSION_VERSION);

/** The dialect of a server with the extension, whatever its applications speak. */
export const EXTENSION_DIALECT = 'C';

/** The version that a `buffer_id` announces; undefined where it announces none. Later versions keep SNAPSHOT_QUERY. */
export function announcedExtension(bufferId: bigint): number | undefined {
  if (bufferId >> 32n !== MAGIC) return undefined;
  const version = Number(bufferId & 0xffff_ffffn);
  return version === 0 ? undefined : version;
}
