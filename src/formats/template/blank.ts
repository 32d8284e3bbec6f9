/**
 * YAML that a template engine fills in (Jinja and minijinja, Go templates): read as far as it goes, without evaluating
 * anything of it.
 */
import type { MappingEntry, TreeNode } from "../tree.ts";

/** Stands for what the engine puts there; no file has this character of Unicode's private area. */
const filler = "\uE000";
const fillerPattern = /\uE000/;

/** A text with a dot in place of what the engine puts there. */
export function withoutFiller(text: string): string {
  return text.replace(/\uE000+/g, "…");
}

export interface BlankedText {
  /** As long as the template, so that offsets stay what they are. */
  readonly text: string;
  /** True when the engine decides which lines there are at all (`{% if %}`, `{{ range }}`). */
  readonly blocks: boolean;
}

const statement = /^\{\{-?\s*(?:if|else|end|range|with|define|block|template|include|-?\/\*)\b/;

/** Whether a text looks like a template at all. */
export function isTemplate(text: string): boolean {
  return text.includes("{{") || text.includes("{%");
}

/**
 * A template with its statements and comments blanked out and its expressions replaced by something of the same length
 * that is a scalar to YAML. A mark that never ends is left as it is.
 */
export function blanked(template: string): BlankedText {
  let blocks = false;
  const parts: string[] = [];
  let done = 0;
  for (const { text, start, end, close } of marksIn(template)) {
    const isStatement = close !== "}}" || statement.test(text);
    if (isStatement && close !== "#}") blocks = true;
    parts.push(template.slice(done, start), isStatement ? text.replace(/[^\n]/g, " ") : filler.repeat(text.length));
    done = end;
  }
  parts.push(template.slice(done));
  return { text: parts.join(""), blocks };
}

/** A stretch of a text, the end exclusive. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
}

/** Where a blanked text has what the engine puts there. */
export function fillersIn(text: string): readonly Stretch[] {
  if (!text.includes(filler)) return [];
  return [...text.matchAll(/\uE000+/g)].map(({ 0: run, index }) => ({ start: index, end: index + run.length }));
}

/** The outermost stretches of a template that may be left out (`{% if %}`, `{{ with }}`), in their order; open ones go on to the end. */
export function optionalStretches(template: string): readonly Stretch[] {
  const found: Stretch[] = [];
  const open: { readonly start: number; readonly isOptional: boolean }[] = [];
  const close = (end: number) => {
    const begun = open.pop();
    if (begun?.isOptional === true && !open.some(({ isOptional }) => isOptional))
      found.push({ start: begun.start, end });
  };
  for (const { text, start, end } of marksIn(template)) {
    const [, word = ""] = /^\{[{%][-+]?\s*(\w+)/.exec(text) ?? [];
    if (begins(word, text)) open.push({ start, isOptional: /^(?:if|with|range)$/.test(word) });
    else if (/^end(?:if|for)?$/.test(word)) close(end);
  }
  while (open.length > 0) close(template.length);
  return found;
}

/** Jinja's `for` runs once at least where it lists what there is; its `with` only names values. */
function begins(word: string, text: string): boolean {
  return text.startsWith("{%") ? word === "if" || word === "for" : /^(?:if|with|range|define|block)$/.test(word);
}

interface Mark extends Stretch {
  readonly text: string;
  readonly close: string;
}

/** What the engine reads: statements, expressions and comments. Without an end there is none further on either. */
function* marksIn(template: string): Generator<Mark> {
  for (let at = template.indexOf("{"); at !== -1; ) {
    const close = closers[template.slice(at, at + 2)];
    const found = close === undefined ? -1 : template.indexOf(close, at + 2);
    if (close !== undefined && found === -1) return;
    const end = found + 2;
    if (close !== undefined) yield { text: template.slice(at, end), start: at, end, close };
    at = template.indexOf("{", close === undefined ? at + 1 : end);
  }
}

const closers: Readonly<Record<string, string>> = { "{{": "}}", "{%": "%}", "{#": "#}" };

/** Whether the engine decides which lines there are at all: nothing that stands in such a text is certain. */
export function hasBlocks(text: string): boolean {
  return text.includes("{%") || anyStatement.test(text);
}

const anyStatement = new RegExp(statement.source.slice(1));

/** A tree of a text that was read with the marks in it, each within a value of its own (`"{{ .Envs.PORT }}"`). */
export function withMarks(node: TreeNode, text: string): TreeNode {
  return isTemplate(text) ? withTemplated(node, false, mark) : node;
}

const mark = /\{\{|\{%/;

/** A tree in which what a template fills in cannot be resolved. With `blocks`, anything may be there besides. */
export function withTemplated(node: TreeNode, blocks: boolean, filled = fillerPattern): TreeNode {
  const why = "a template fills it in";
  const incomplete = blocks ? { incomplete: "the blocks of its template are not evaluated" } : {};
  switch (node.kind) {
    case "scalar":
      return typeof node.value === "string" && filled.test(node.value) ? { ...node, unresolved: why } : node;
    case "sequence":
      return { ...node, ...incomplete, items: node.items.map((item) => withTemplated(item, blocks, filled)) };
    case "mapping": {
      const entries = new Map<string, MappingEntry>();
      let templatedKeys = false;
      for (const [key, entry] of node.entries) {
        if (filled.test(key)) templatedKeys = true;
        entries.set(key, { ...entry, value: withTemplated(entry.value, blocks, filled) });
      }
      return { ...node, ...incomplete, ...(templatedKeys ? { incomplete: why } : {}), entries };
    }
  }
}
