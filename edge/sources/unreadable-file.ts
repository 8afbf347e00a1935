import { SqltrailError } from '../../runtime/errors.ts';

/** What the operating system's refusal means to a person; errors of our own pass unchanged. */
export function unreadableFile(name: string, error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error) || error instanceof SqltrailError) return error;
  const options = { cause: error };
  switch (error.code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new SqltrailError(
        'capture_unreadable',
        `${name} does not exist`,
        'Check the path given to --read.',
        options,
      );
    case 'EISDIR':
      return new SqltrailError(
        'capture_unreadable',
        `${name} is a directory`,
        'Name the capture files in it, each with its own --read.',
        options,
      );
    case 'EACCES':
    case 'EPERM':
      return new SqltrailError(
        'capture_permission',
        `${name} may not be read by this user`,
        'Give this user read permission, or run as one who has it; captures written by root are often readable by root alone.',
        options,
      );
    default:
      return new SqltrailError(
        'capture_unreadable',
        `${name} cannot be read: ${error.message}`,
        'Check the disk or the program that writes it, then read it again.',
        options,
      );
  }
}
