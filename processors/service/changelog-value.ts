/** A value in a state topic: a line `EPOCH POSITION` and, behind it, the text. */
export interface ChangelogValue {
  /** Counts the owners of a partition. */
  readonly epoch: number;
  /** The offset behind the last record of the source that the text knows of. */
  readonly position: number;
  readonly text: string;
}

const HEAD = /^(\d{1,15}) (\d{1,15})\n/;

export function writeChangelogValue({ epoch, position, text }: ChangelogValue): Buffer {
  return Buffer.from(`${epoch} ${position}\n${text}`);
}

/** @returns null where this is no such value. */
export function readChangelogValue(value: Buffer): ChangelogValue | null {
  // The head is short: the text behind it may be long, and is decoded once.
  const head = HEAD.exec(value.toString('latin1', 0, Math.min(value.length, 40)));
  if (head === null) return null;
  return { epoch: Number(head[1]), position: Number(head[2]), text: value.toString('utf8', head[0].length) };
}
