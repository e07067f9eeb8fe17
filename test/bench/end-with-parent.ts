/**
 * Ends this process when the one that started it is gone, which closes standard input. Waiting for that keeps no process
 * alive which has nothing else to do.
 */
export function endWithParent(): void {
  process.stdin.on('end', () => process.exit()).resume();
  process.stdin.unref();
}
