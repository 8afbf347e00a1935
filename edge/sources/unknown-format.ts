import { SqltrailError } from '../../runtime/errors.ts';

/** Compressed files by their first bytes, with the command that unpacks one to standard output. */
const COMPRESSIONS: readonly (readonly [magic: string, name: string, command: string])[] = [
  ['1f8b', 'gzip', 'gzip -dc'],
  ['28b52ffd', 'zstd', 'zstd -dc'],
  ['fd377a58', 'xz', 'xz -dc'],
  ['425a68', 'bzip2', 'bzip2 -dc'],
  ['04224d18', 'lz4', 'lz4 -dc'],
  ['504b0304', 'zip', 'unzip -p'],
];

/**
 * Why an input is not read as a capture.
 * @param start Its first bytes, of which `length` count.
 */
export function unknownFormat(name: string, start: Buffer, length: number): SqltrailError {
  if (length === 0) {
    return new SqltrailError(
      'capture_format',
      `${name} is empty`,
      'Check that what writes the capture runs and may capture; even a capture without packets has a header.',
    );
  }
  const hex = start.toString('hex', 0, Math.min(length, 4));
  for (const [magic, compression, command] of COMPRESSIONS) {
    if (!hex.startsWith(magic)) continue;
    return new SqltrailError(
      'capture_format',
      `${name} is compressed with ${compression}`,
      `Decompress it first: ${command} FILE | sqltrail run --read -`,
    );
  }
  return new SqltrailError(
    'capture_format',
    `${name} is not a pcap or pcapng capture (it begins with the bytes ${hex})`,
    'Give a file written by tcpdump -w, Wireshark or dumpcap; editcap -F pcap converts other capture formats.',
  );
}
