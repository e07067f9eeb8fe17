/** A tick of the kernel's start times: 1/100 s. */
export const TICKS_PER_SECOND = 100;

/** When something was written, on both clocks. */
export interface Moment {
  readonly ticks: number;
  /** Nanoseconds on the wall clock at boot, as the wall clock had it at that moment. */
  readonly bootNanoseconds: bigint;
}

/**
 * The clocks of a simulated host. Start times count from boot, timestamps are the wall clock's, and setting that moves
 * the moment of boot with it, as the kernel's btime does (linux: Documentation/filesystems/proc.rst, 1.7).
 */
export class WorldClock {
  /** Since boot. */
  ticks = 100_000;
  #boot: bigint;

  /** `bootSeconds`: since the epoch. */
  constructor(bootSeconds: number) {
    this.#boot = BigInt(Math.round(bootSeconds * 1000)) * 1_000_000n;
  }

  /** The wall clock: nanoseconds since the epoch. */
  get now(): bigint {
    return this.#boot + BigInt(this.ticks) * 10_000_000n;
  }

  /** What /proc/stat calls btime: whole seconds. */
  get bootSeconds(): number {
    return Number(this.#boot / 1_000_000_000n);
  }

  get moment(): Moment {
    return { ticks: this.ticks, bootNanoseconds: this.#boot };
  }

  /** Somebody sets the wall clock, in seconds since the epoch, but not to before the host's start. */
  set(seconds: number): void {
    const boot = BigInt(Math.round(seconds * 1000)) * 1_000_000n - BigInt(this.ticks) * 10_000_000n;
    this.#boot = boot < 0n ? 0n : boot;
  }

  /** Whether a timestamp of that moment can still be compared with start times. */
  comparable({ ticks, bootNanoseconds }: Moment): boolean {
    const seconds = Number((bootNanoseconds + BigInt(ticks) * 10_000_000n) / 1_000_000_000n);
    return bootNanoseconds === this.#boot && seconds > 1e9 && seconds < Date.now() / 1000;
  }
}
