/** Text laid out for a terminal: how wide it is shown, and where lines are broken. */

const wide =
  /[\u1100-\u115f\u2329\u232a\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18cff}\u{1aff0}-\u{1b2fb}\u{1f200}-\u{1f2ff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;
const mark = /\p{M}/u;

/** Columns that a text takes on a terminal: 2 for wide characters, 0 for marks. The text holds no escapes. */
export function displayWidth(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += mark.test(character) ? 0 : wide.test(character) ? 2 : 1;
  return width;
}

/**
 * Breaks a text at its spaces so that no line is wider than `width`; a word that is wider is broken within. An infinite
 * width gives one line. Lines after the first are for the caller to indent.
 */
export function wrap(text: string, width: number): readonly string[] {
  if (!Number.isFinite(width)) return [text];
  const limit = Math.max(8, width);
  const lines: string[] = [];
  let line = "";
  let used = 0;
  for (const word of text.split(" ").flatMap((long) => pieces(long, limit))) {
    const wordWidth = displayWidth(word);
    if (line !== "" && used + 1 + wordWidth > limit) {
      lines.push(line.trimEnd());
      line = word;
      used = wordWidth;
    } else {
      used += wordWidth + (line === "" ? 0 : 1);
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}

function pieces(word: string, limit: number): readonly string[] {
  if (displayWidth(word) <= limit) return [word];
  const parts: string[] = [];
  let part = "";
  let used = 0;
  for (const character of word) {
    const width = displayWidth(character);
    if (used + width > limit) {
      parts.push(part);
      part = "";
      used = 0;
    }
    part += character;
    used += width;
  }
  return [...parts, part];
}

/** A text of exactly `width` columns: filled with spaces, or cut and ended with `…`. */
export function padOrCut(text: string, width: number): string {
  const own = displayWidth(text);
  if (own <= width) return text + " ".repeat(width - own);
  let cut = "";
  let used = 0;
  for (const character of text) {
    const next = displayWidth(character);
    if (used + next > width - 1) break;
    cut += character;
    used += next;
  }
  return `${cut}…${" ".repeat(Math.max(0, width - used - 1))}`;
}

/** `1 file`, `3 files`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  const digits = String(count).replace(/\B(?=(?:\d{3})+$)/g, " ");
  return `${digits} ${count === 1 ? one : many}`;
}

/** The first few, and how many more there are: `a, b, c and 9 more`. */
export function someOf(names: readonly string[], most: number): string {
  if (names.length <= most) return names.join(", ");
  return `${names.slice(0, most).join(", ")} and ${names.length - most} more`;
}
