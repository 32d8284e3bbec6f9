import type { Random } from "./random.ts";

/** Values that readers tend to stumble over. */
const odd: readonly string[] = [
  "",
  "~",
  "null",
  "true",
  "-1",
  "0x1F",
  "1e999",
  "99999999999999999999",
  "{",
  "}",
  "[",
  "]]",
  '"',
  "'",
  "`",
  "\\",
  "#",
  ";",
  "${",
  "${A",
  "{{ .Values.x }}",
  "{% if x %}",
  "*",
  "&a *a",
  "!!binary x",
  "\t",
  "\u0000",
  "\u202e",
  "é\u0301",
  "\ud83d\ude00",
  "<<EOT",
  "a".repeat(5_000),
  "../".repeat(40),
  // What every object of JavaScript has, in the place of a name or a value.
  "constructor",
  "toString",
  "__proto__",
];
const openers = ["{", "[", "(", "${", "- ", "  ", "<<EOF\n"];

/** One change, or a few, to a text by its lines and words; the text itself when it is empty. */
export function mutateLines(text: string, other: string, random: Random): string {
  let changed = text;
  for (let times = 1 + random.below(3); times > 0; times--) changed = random.pick(changes)(changed, other, random);
  return changed;
}

type Change = (text: string, other: string, random: Random) => string;

const changes: readonly Change[] = [
  (text, _other, random) =>
    withLines(text, (lines) => void lines.splice(random.below(lines.length), 1 + random.below(3))),
  (text, _other, random) =>
    withLines(text, (lines) => {
      const at = random.below(lines.length);
      lines.splice(at, 0, ...lines.slice(at, at + 1 + random.below(5)));
    }),
  (text, _other, random) =>
    withLines(text, (lines) => {
      const [a, b] = [random.below(lines.length), random.below(lines.length)];
      [lines[a], lines[b]] = [lines[b] ?? "", lines[a] ?? ""];
    }),
  (text, other, random) =>
    withLines(text, (lines) => {
      const from = other.split("\n");
      const at = random.below(from.length);
      lines.splice(random.below(lines.length), 0, ...from.slice(at, at + 1 + random.below(6)));
    }),
  (text, _other, random) =>
    withLines(text, (lines) => {
      const at = random.below(lines.length);
      lines[at] = random.below(2) === 0 ? `  ${lines[at]}` : (lines[at] ?? "").replace(/^ {1,2}/, "");
    }),
  (text, _other, random) => text.slice(0, random.below(text.length + 1)),
  (text, _other, random) => {
    const words = [...text.matchAll(/[^\s]+/g)];
    if (words.length === 0) return text;
    const word = random.pick(words);
    return text.slice(0, word.index) + random.pick(odd) + text.slice(word.index + word[0].length);
  },
  (text, _other, random) => {
    const at = random.below(text.length + 1);
    return text.slice(0, at) + random.pick(odd) + text.slice(at);
  },
  (text, _other, random) => {
    const at = random.below(text.length + 1);
    return text.slice(0, at) + random.pick(openers).repeat(1 + random.below(3_000)) + text.slice(at);
  },
  (text, _other, random) => (random.below(4) === 0 ? text.replaceAll("\n", "\r\n") : text),
];

function withLines(text: string, change: (lines: string[]) => void): string {
  const lines = text.split("\n");
  change(lines);
  return lines.join("\n");
}
