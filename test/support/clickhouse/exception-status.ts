/** The HTTP status a server gives an exception of this code. */
export function statusOf(code: number): number {
  if (code === 194) return 401;
  if (code === 192 || code === 193 || code === 516) return 403;
  if (code === 60 || code === 81) return 404;
  if ([6, 16, 27, 33, 38, 41, 44, 47, 53, 62, 69, 70, 115, 117, 131].includes(code)) return 400;
  return 500;
}
