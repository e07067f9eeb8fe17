import { gunzipSync } from 'node:zlib';
import { BUNDLE_FILES, BUNDLE_FORMAT, BUNDLE_VERSION } from '../../check/bundle/manifest.ts';
import { TarError, unpackTar } from '../../check/bundle/tar.ts';
import { LIMITS } from '../../check/bundle/tree-record.ts';
import { DocumentError, JsonFields } from '../../protocol/json-fields.ts';
import { parseReplay } from './parse-replay.ts';
import type { Replay } from './parse-replay.ts';

/** A file that is no bundle, or none that can be laid out. The message is one line. */
export class BundleError extends Error {
  override readonly name = 'BundleError';
}

/** With headers and padding: of as many files as there may be, and of the manifest, which is a file too. */
const MOST_ARCHIVE_BYTES = LIMITS.bytes + LIMITS.fileBytes + (LIMITS.files + 2) * 1024;

/**
 * What a bundle that anybody may have sent has in it. Nothing is written; every path stays below where it will be laid
 * out. Throws BundleError.
 */
export function readBundle(bytes: Buffer): Replay {
  const files = unpack(bytes);
  const manifest = files.get(BUNDLE_FILES.manifest);
  if (manifest === undefined) throw new BundleError(`it has no ${BUNDLE_FILES.manifest}`);
  try {
    const fields = new JsonFields(parseJson(manifest.toString('utf8')), '');
    if (fields.raw('format') !== BUNDLE_FORMAT) throw new BundleError(`it is no bundle of check --bundle`);
    if (fields.raw('version') !== BUNDLE_VERSION) {
      throw new BundleError(`it is of another version than ${BUNDLE_VERSION}: take the release that made it`);
    }
    return parseReplay(fields, files);
  } catch (error) {
    if (error instanceof DocumentError)
      throw new BundleError(`${BUNDLE_FILES.manifest}: ${error.message}`, { cause: error });
    throw error;
  }
}

function unpack(bytes: Buffer): ReadonlyMap<string, Buffer> {
  let archive: Buffer;
  try {
    archive = gunzipSync(bytes, { maxOutputLength: MOST_ARCHIVE_BYTES });
  } catch (error) {
    const tooLarge = error instanceof RangeError;
    throw new BundleError(
      tooLarge ? `it unpacks to more than ${MOST_ARCHIVE_BYTES} bytes` : 'it is not compressed by gzip',
    );
  }
  try {
    return unpackTar(archive, { files: LIMITS.files + 1, bytes: LIMITS.fileBytes });
  } catch (error) {
    if (error instanceof TarError) throw new BundleError(error.message, { cause: error });
    throw error;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new BundleError(`${BUNDLE_FILES.manifest} is no JSON`, { cause });
  }
}
