/** What the keeper says to whoever connects, as one line of JSON: where its engine is, or why there is none. */
export type KeeperAnswer = { readonly socket: string } | { readonly error: string };

/**
 * An abstract Unix socket: one for a network namespace, like the engine's bridge, and gone with the keeper. The variable
 * is for tests of the keeper itself.
 */
export function keeperAddress(): string {
  return `\0${process.env['TENSTORRENT_EXPORTER_TEST_KEEPER'] ?? 'tenstorrent-exporter-test-docker'}`;
}
