// Hot path

/** The watched server ports, one byte each: a lookup is one load. */
export class ServerPorts {
  readonly #isServer = new Uint8Array(65_536);

  /** @param ports 1 to 65535; others are ignored. */
  constructor(ports: readonly number[]) {
    for (const port of ports) if (port > 0 && port < 65_536) this.#isServer[port] = 1;
  }

  has(port: number): boolean {
    return this.#isServer[port] === 1;
  }
}
