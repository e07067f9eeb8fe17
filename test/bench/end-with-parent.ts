/** Ends this process when the one that started it is gone, which closes standard input. */
export function endWithParent(): void {
  process.stdin.on('end', () => process.exit()).resume();
}
