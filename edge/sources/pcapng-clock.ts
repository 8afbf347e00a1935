// Hot path
const TWO_32 = 4_294_967_296;

/**
 * Turns the 64-bit timestamps of one pcapng interface into µs since the epoch, floored.
 * Exact up to picoseconds (10^-12) and 2^-32 s; finer units may be off by 1 µs. Results are held within 0..2^53 - 1.
 */
export class PcapngClock {
  readonly #divisor: number;
  readonly #factor: number;
  readonly #binaryShift: number;
  readonly #offsetUs: number;

  /**
   * @param resolution if_tsresol as written: 10^-n, or 2^-n with the top bit set. 6 (µs) where the option is absent.
   * @param offsetSeconds if_tsoffset.
   */
  constructor(resolution: number, offsetSeconds: number) {
    const exponent = resolution & 0x7f;
    const isBinary = resolution > 0x7f;
    this.#binaryShift = isBinary ? exponent : -1;
    this.#divisor = exponent > 6 ? 10 ** (exponent - 6) : 1;
    this.#factor = exponent < 6 ? 10 ** (6 - exponent) : 1;
    this.#offsetUs = offsetSeconds * 1_000_000;
  }

  /** @param high The upper, @param low the lower 32 bits of the timestamp. */
  toUs(high: number, low: number): number {
    const ticksUs = this.#binaryShift < 0 ? this.#decimal(high, low) : this.#binary(high, low);
    const timeUs = ticksUs + this.#offsetUs;
    return Math.min(Math.max(timeUs, 0), Number.MAX_SAFE_INTEGER);
  }

  #decimal(high: number, low: number): number {
    const divisor = this.#divisor;
    if (divisor === 1) return (high * TWO_32 + low) * this.#factor;
    // Long division by hand: 64 bits of nanoseconds do not fit a double.
    const quotient = Math.floor(high / divisor);
    const remainder = high - quotient * divisor;
    return quotient * TWO_32 + Math.floor((remainder * TWO_32 + low) / divisor);
  }

  #binary(high: number, low: number): number {
    const shift = this.#binaryShift;
    if (shift <= 32) {
      const unit = 2 ** shift;
      const lowSeconds = Math.floor(low / unit);
      return (
        (high * 2 ** (32 - shift) + lowSeconds) * 1_000_000 + Math.floor(((low - lowSeconds * unit) * 1_000_000) / unit)
      );
    }
    return Math.floor((high * 2 ** (32 - shift) + low * 2 ** -shift) * 1_000_000);
  }
}
