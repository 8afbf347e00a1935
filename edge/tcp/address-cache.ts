/** Recently used addresses; a power of two. */
const SLOTS = 1024;

/**
 * Gives connections of the same host the same address object: a Uint32Array of its own costs some 200 bytes, more
 * than a quarter of an idle connection.
 */
export class AddressCache {
  readonly #slots = new Array<Uint32Array | null>(SLOTS).fill(null);

  /** @param bytes Holds 4 (IPv4) or 16 bytes (IPv6) of address at `at`. */
  address(bytes: Buffer, at: number, isIpv6: boolean): Uint32Array {
    const words = isIpv6 ? at : at - 12;
    const first = isIpv6 ? bytes.readUInt32BE(words) : 0;
    const second = isIpv6 ? bytes.readUInt32BE(words + 4) : 0;
    const third = isIpv6 ? bytes.readUInt32BE(words + 8) : 0xffff;
    const fourth = bytes.readUInt32BE(words + 12);
    const slot = (first ^ second ^ third ^ fourth ^ (fourth >>> 16)) & (SLOTS - 1);
    const cached = this.#slots[slot];
    if (cached && cached[0] === first && cached[1] === second && cached[2] === third && cached[3] === fourth) {
      return cached;
    }
    const address = Uint32Array.of(first, second, third, fourth);
    this.#slots[slot] = address;
    return address;
  }
}
