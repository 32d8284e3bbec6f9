/**
 * The one layer through which every text that comes from somebody's files passes before it is shown.
 *
 * Names, paths and messages may hold whatever a repository holds: terminal escapes, characters that turn the reading
 * order round or cannot be seen, HTML, Markdown, workflow commands. Each function makes a text safe for one output and
 * loses nothing that a person could have read; what could not be seen is written out as `\u{202e}`.
 */

/**
 * Characters that change a screen or a reading order, or that nobody can see: controls, bidirectional marks, zero-width
 * characters, fillers, line and paragraph separators, noncharacters, halves of surrogate pairs, and the fifth and
 * later of marks that pile up on one letter. The emoji variation selector is left where it does its work.
 */
const unseen =
  /(?!\ufe0f)[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\ufff9-\ufffb]|(?<!\p{Extended_Pictographic})\ufe0f|(?<=\p{M}{4})\p{M}/gu;

/** A workflow command of GitHub anywhere in a line: `::name …::` and the older `##[name]`. */
const workflowCommandStart = /::(?=[a-z][^\n]*::)|##(?=\[)/giu;

const shortNames: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

function writtenOut(character: string): string {
  return shortNames[character] ?? `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

/**
 * One line of plain text for a terminal, a log or a CI console: no character in it moves the cursor, hides, or
 * changes the reading order, and no part of it is a workflow command.
 */
export function terminal(text: string): string {
  return visible(text).replace(workflowCommandStart, (start) => `${start[0]}${writtenOut(start[1] ?? "")}`);
}

/** Runs of characters that might be unseen; the rest, which is nearly all, is not looked at again. */
const notPlain = /[^\x20-\x7e]+/g;

function visible(text: string): string {
  return text.replace(notPlain, (run) => run.replace(unseen, writtenOut));
}

const htmlEntities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
  "`": "&#96;",
};

/** Text for HTML, in an element or between the quotes of an attribute. Not for scripts, styles or URLs. */
export function html(text: string): string {
  return visible(text).replace(/[&<>"'`]/g, (character) => htmlEntities[character] ?? "");
}

/** Sentences for HTML in which `code` between backticks is shown as code; a backtick without its pair stays one. */
export function htmlProse(text: string): string {
  return prose(text, html, (code) => `<code>${html(code)}</code>`);
}

/** Sentences for Markdown in which `code` between backticks stays code. */
export function markdownProse(text: string): string {
  return prose(text, markdown, markdownCode);
}

function prose(text: string, plain: (part: string) => string, code: (part: string) => string): string {
  const parts = text.split("`");
  if (parts.length % 2 === 0 || parts.some((part, index) => index % 2 === 1 && part === "")) return plain(text);
  return parts.map((part, index) => (index % 2 === 1 ? code(part) : plain(part))).join("");
}

/** Text for XML 1.0, in an element or between the quotes of an attribute. */
export function xml(text: string): string {
  return html(text);
}

/**
 * Text for GitHub-flavoured Markdown, in a paragraph, a list or a table cell. Marks are escaped; `@name`, `#1`,
 * `owner/name#1` and addresses stay readable but notify nobody and link nowhere.
 */
export function markdown(text: string): string {
  return visible(text)
    .replace(/&/g, "&amp;")
    .replace(/[\\`*_[\]<>|~$]|^[-+=]/g, (mark) => (mark === "<" ? "&lt;" : mark === ">" ? "&gt;" : `\\${mark}`))
    .replace(/[@#]/g, (mark) => `${mark === "#" ? "\\#" : "@"}&#8203;`)
    .replace(/:\/\//g, ":&#8203;//")
    .replace(/\b(www|gh)(?=[.-])/gi, "$1&#8203;")
    .replace(/^(\s*\d+)\./, "$1\\.");
}

/** Text for an HTML element that stands in Markdown, such as `<summary>`; notifies nobody and links nowhere either. */
export function markdownHtml(text: string): string {
  return visible(text)
    .replace(/[&<>"'`]/g, (character) => htmlEntities[character] ?? "")
    .replace(/[@#](?!39;|96;)/g, (mark) => `${mark}&#8203;`)
    .replace(/:\/\//g, ":&#8203;//");
}

/** A code span for GitHub-flavoured Markdown, in a paragraph, a list or a table cell. */
export function markdownCode(text: string): string {
  // Inside a table the row is cut at pipes before code is seen, and outside one an escape would show: so neither.
  const shown = visible(text).replace(/\|/g, "\u2502");
  if (shown.trim() === "") return "` `";
  const fence = "`".repeat(Math.max(0, ...[...shown.matchAll(/`+/g)].map((run) => run[0].length)) + 1);
  const pad = shown.startsWith("`") || shown.endsWith("`") || shown.startsWith(" ") || shown.endsWith(" ") ? " " : "";
  return `${fence}${pad}${shown}${pad}${fence}`;
}

/** The message of a GitHub workflow command, after its `::`. */
export function workflowData(text: string): string {
  return visible(text).replace(/%/g, "%25");
}

/** The value of a property of a GitHub workflow command, such as `file=`. */
export function workflowProperty(text: string): string {
  return workflowData(text).replace(/:/g, "%3A").replace(/,/g, "%2C");
}

/** `message.text` of SARIF: plain text in which `[a](b)` would be a link and `{0}` a placeholder. */
export function sarifText(text: string): string {
  return visible(text)
    .replace(/[\\[\]]/g, (mark) => `\\${mark}`)
    .replace(/\{(\d+)\}/g, "{{$1}}");
}

/**
 * JSON of a value, two spaces deep, ending in a line break. The data is exactly the value's: characters that a terminal
 * would obey are written as `\u…`, so that printing the text does no harm.
 */
export function jsonText(value: unknown): string {
  return `${harmless(JSON.stringify(value, null, 2) ?? "null")}\n`;
}

/** The same on one line, without a line break at its end. */
export function jsonLine(value: unknown): string {
  return harmless(JSON.stringify(value) ?? "null");
}

function harmless(text: string): string {
  return text.replace(notPlain, (run) =>
    run.replace(unseen, (character) => (character === "\n" ? character : jsonEscape(character))),
  );
}

function jsonEscape(character: string): string {
  let text = "";
  for (let at = 0; at < character.length; at++) {
    text += `\\u${character.charCodeAt(at).toString(16).padStart(4, "0")}`;
  }
  return text;
}
