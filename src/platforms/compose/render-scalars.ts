const mebibyte = 1024 * 1024;

/** A text that Compose must take as it stands: every `$` doubled, so that nothing is interpolated. */
export function literal(text: string): string {
  return text.replaceAll("$", "$$$$");
}

export function literals(texts: readonly string[]): string[] {
  return texts.map(literal);
}

/** `128m` where it is a whole number of mebibytes, bytes (`1000b`) otherwise; both are exact. */
export function asBytes(bytes: number): string {
  return bytes > 0 && bytes % mebibyte === 0 ? `${bytes / mebibyte}m` : `${bytes}b`;
}

/** `90s`. */
export function asSeconds(seconds: number): string {
  return `${seconds}s`;
}

/** `0700`. */
export function quotedOctal(mode: number): string {
  return mode.toString(8).padStart(4, "0");
}
