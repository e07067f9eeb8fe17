/** A shorter or plainer input that is still wrong in the same way. Asks at most so many times. */
export async function minimise(
  input: Buffer,
  isStillWrong: (candidate: Buffer) => Promise<boolean>,
  attempts = 2000,
): Promise<Buffer> {
  let best = input;
  let left = attempts;
  const accept = async (candidate: Buffer): Promise<boolean> => {
    if (left-- <= 0 || candidate.equals(best) || !(await isStillWrong(candidate))) return false;
    best = candidate;
    return true;
  };
  for (let size = Math.ceil(best.length / 2); size >= 1 && left > 0; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < best.length && left > 0;) {
      const without = Buffer.concat([best.subarray(0, at), best.subarray(at + size)]);
      if (await accept(without)) continue;
      const zeros = Buffer.from(best);
      zeros.fill(0, at, Math.min(at + size, zeros.length));
      await accept(zeros);
      at += size;
    }
  }
  return best;
}
