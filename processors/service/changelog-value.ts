/**
 * A value in a state topic: a line `EPOCH POSITION` and, behind it, the text; nothing behind it where the key was closed.
 * Epochs count the owners of a partition.
 */
export interface ChangelogValue {
  readonly epoch: number;
  /** The offset behind the last record of the source that the text knows of. */
  readonly position: number;
  /** Null: closed. */
  readonly text: string | null;
}

const HEAD = /^(\d{1,15}) (\d{1,15})(\n|$)/;

export function writeChangelogValue({ epoch, position, text }: ChangelogValue): Buffer {
  return Buffer.from(text === null ? `${epoch} ${position}` : `${epoch} ${position}\n${text}`);
}

/** @returns null where this is no such value. */
export function readChangelogValue(value: Buffer): ChangelogValue | null {
  // The head is short: the text behind it may be long, and is decoded once.
  const head = HEAD.exec(value.toString('latin1', 0, Math.min(value.length, 40)));
  if (head === null) return null;
  const text = head[3] === '' ? null : value.toString('utf8', head[0].length);
  return { epoch: Number(head[1]), position: Number(head[2]), text };
}
