/** A stretch of a page that does not change: the same object is the same bytes, page after page. */
export interface PageBlock {
  readonly bytes: Uint8Array;
  /** What in it is known to be there a second time: position, origin and length of each, from the block's first byte. */
  readonly copies: Int32Array;
}

/** Where a block stands in a page. */
export interface PlacedBlock {
  readonly position: number;
  readonly block: PageBlock;
}
