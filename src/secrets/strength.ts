import { leastEntropyBits } from "./generate.ts";

const classes: readonly (readonly [RegExp, number])[] = [
  [/[a-z]/, 26],
  [/[A-Z]/, 26],
  [/[0-9]/, 10],
  [/[^A-Za-z0-9]/, 32],
];
const guessedFirst = /pass(?:word|wort)|changeme|change-me|letmein|qwertz?|admin|secret|example|12345|abcdef/i;

/**
 * At most so many bits has a value whose characters were drawn at random; one that a person thought up has far fewer. A
 * text of few different characters counts as drawn from those alone.
 */
export function estimatedBits(value: string): number {
  const distinct = new Set(value).size;
  const hexadecimal = /^(?:[0-9a-f]+|[0-9A-F]+)$/.test(value);
  const pool = hexadecimal ? 16 : classes.reduce((sum, [pattern, size]) => sum + (pattern.test(value) ? size : 0), 0);
  const each = Math.log2(distinct < 10 ? Math.max(1, Math.min(pool, distinct)) : pool);
  return Math.floor([...value].length * each);
}

/** What speaks against a value as a secret, as the end of a sentence; undefined where nothing does. Holds none of it. */
export function weaknessOf(value: string): string | undefined {
  // A key or a certificate is what its own format makes of it.
  if (/^-----BEGIN [A-Z0-9 ]+-----\n/.test(value)) return undefined;
  if (value !== value.trim()) return "begins or ends with white space";
  if (/[\r\n]/.test(value)) return "has more than one line";
  const bits = estimatedBits(value);
  if (bits < leastEntropyBits) return `has at most ${bits} bits; ${leastEntropyBits} are safe against guessing`;
  return value.length < 24 && guessedFirst.test(value) ? "holds a word that is guessed first" : undefined;
}
