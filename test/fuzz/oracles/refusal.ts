/** Runs the task; gives undefined where it refuses with one of these errors. Any other error passes on. */
export function unlessRefused<T>(
  errors: readonly (new (...parameters: never[]) => Error)[],
  task: () => T,
): T | undefined {
  try {
    return task();
  } catch (error) {
    if (error instanceof Error && errors.some((known) => error instanceof known)) {
      if (error.message.length < 5) throw new Error(`refused without a reason: "${error.message}"`, { cause: error });
      return undefined;
    }
    throw error;
  }
}
