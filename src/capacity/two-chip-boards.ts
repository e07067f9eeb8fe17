/** Boards whose two chips share one PCIe function. */
const TWO_CHIP_BOARDS: ReadonlySet<string> = new Set(['n300']);

/** Whether there is a second chip behind the one on PCIe. */
export function hasTwoChips(board: string | undefined): boolean {
  return board !== undefined && TWO_CHIP_BOARDS.has(board);
}
