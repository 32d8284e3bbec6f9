/**
 * Words of an instruction, and what BuildKit makes of the variables in them.
 *
 * Source: BuildKit `frontend/dockerfile/shell/lex.go` (`$X`, `${X}`, `${X:-y}`, `${X:+y}`, `${X-y}`, quotes, escapes).
 */

/** A word as it is written, quotes and all. */
export interface RawWord {
  readonly raw: string;
  readonly offset: number;
}

/** Splits at blanks that are not quoted. */
export function splitWords(text: string, offset: number): readonly RawWord[] {
  const words: RawWord[] = [];
  const word = /(?:\\[ \t\r]*\n|\\.|"(?:\\.|[^"\\])*"?|'[^']*'?|[^\s"'\\]|\\$)+/gs;
  for (let match = word.exec(text); match !== null; match = word.exec(text)) {
    const raw = match[0].replace(/\\[ \t\r]*\n/g, "");
    if (raw !== "") words.push({ raw, offset: offset + match.index });
  }
  return words;
}

/** The strings of the JSON form (`["nginx", "-g"]`); undefined for what is none, which a shell then reads. */
export function jsonWords(text: string): readonly string[] | undefined {
  const trimmed = text.replace(/\\[ \t\r]*\n/g, " ").trim();
  if (!trimmed.startsWith("[") || !trimmed.endsWith("]")) return undefined;
  try {
    const value: unknown = JSON.parse(trimmed);
    return Array.isArray(value) && value.every((item): item is string => typeof item === "string") ? value : undefined;
  } catch {
    return undefined;
  }
}

/** What a variable holds: its text, why it cannot be told, or undefined for one that is not set. */
export type VariableValue = { readonly text: string } | { readonly why: string } | undefined;
export type Lookup = (name: string) => VariableValue;

/** A word after expansion and quote removal; `why` tells what of it cannot be told. */
export interface Expanded {
  readonly text: string;
  readonly why?: string;
  /** Names of the variables in it. */
  readonly uses: readonly string[];
}

const deepest = 8;

export function expandWord(raw: string, lookup: Lookup, depth = 0): Expanded {
  const parts: string[] = [];
  const uses: string[] = [];
  let why: string | undefined;
  let quoted = false;
  for (let at = 0; at < raw.length; at++) {
    const char = raw[at] ?? "";
    if (char === "\\") {
      at++;
      const next = raw[at] ?? "";
      parts.push(quoted && !/["$\\]/.test(next) ? `\\${next}` : next);
    } else if (char === "'" && !quoted) {
      const end = raw.indexOf("'", at + 1);
      parts.push(raw.slice(at + 1, end === -1 ? raw.length : end));
      at = end === -1 ? raw.length : end;
    } else if (char === '"') quoted = !quoted;
    else if (char === "$") {
      const variable = variableAt(raw, at);
      if (variable === undefined) {
        parts.push(char);
        continue;
      }
      at = variable.end - 1;
      const value = substituted(variable, lookup, depth);
      uses.push(variable.name, ...value.uses);
      why ??= value.why;
      parts.push(value.why === undefined ? value.text : raw.slice(variable.start, variable.end));
    } else parts.push(char);
  }
  return why === undefined ? { text: parts.join(""), uses } : { text: parts.join(""), why, uses };
}

interface Variable {
  readonly name: string;
  readonly operator: string;
  readonly word: string;
  readonly start: number;
  readonly end: number;
}

function variableAt(raw: string, start: number): Variable | undefined {
  const plain = /^\$([A-Za-z_]\w*)/.exec(raw.slice(start, start + 200));
  if (plain !== null) return { name: plain[1] ?? "", operator: "", word: "", start, end: start + plain[0].length };
  if (raw[start + 1] !== "{") return undefined;
  const end = closingBrace(raw, start + 2);
  if (end === -1) return undefined;
  const inner = /^(\w+)(?:(:?[-+?]|##?|%%?|\/\/?)(.*))?$/s.exec(raw.slice(start + 2, end));
  if (inner === null) return undefined;
  return { name: inner[1] ?? "", operator: inner[2] ?? "", word: inner[3] ?? "", start, end: end + 1 };
}

function closingBrace(raw: string, from: number): number {
  let depth = 0;
  for (let at = from; at < raw.length; at++) {
    if (raw[at] === "\\") at++;
    else if (raw[at] === "{" && raw[at - 1] === "$") depth++;
    else if (raw[at] === "}" && depth-- === 0) return at;
  }
  return -1;
}

function substituted({ name, operator, word }: Variable, lookup: Lookup, depth: number): Expanded {
  const value = lookup(name);
  if (value !== undefined && "why" in value) return { text: "", why: value.why, uses: [] };
  const text = value?.text;
  const otherwise = () =>
    depth < deepest ? expandWord(word, lookup, depth + 1) : { text: "", why: tooDeep, uses: [] };
  switch (operator) {
    case ":-":
      return text === undefined || text === "" ? otherwise() : { text, uses: [] };
    case "-":
      return text === undefined ? otherwise() : { text, uses: [] };
    case ":+":
      return text === undefined || text === "" ? { text: "", uses: [] } : otherwise();
    case "+":
      return text === undefined ? { text: "", uses: [] } : otherwise();
    case "":
    case ":?":
    case "?":
      return { text: text ?? "", uses: [] };
    default:
      return { text: "", why: `\`${name}\` is changed by a pattern that is not followed here`, uses: [] };
  }
}

const tooDeep = "its variables stand too deep in one another";
