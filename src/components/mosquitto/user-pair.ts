/** The second user of a pair that takes turns. Both have the same topics; at rest, one of them has no password. */
export function restingUser(base: string): string {
  return `${base}_b`;
}
