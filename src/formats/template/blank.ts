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
  for (let at = template.indexOf("{"); at !== -1; at = template.indexOf("{", Math.max(at + 1, done))) {
    const close = closers[template.slice(at, at + 2)];
    const end = close === undefined ? -1 : template.indexOf(close, at + 2);
    if (close === undefined || end === -1) {
      // Without an end there is none further on either: what follows is left alone.
      if (close !== undefined) break;
      continue;
    }
    const mark = template.slice(at, end + 2);
    const isStatement = close !== "}}" || statement.test(mark);
    if (isStatement && close !== "#}") blocks = true;
    parts.push(template.slice(done, at), isStatement ? mark.replace(/[^\n]/g, " ") : filler.repeat(mark.length));
    done = end + 2;
  }
  parts.push(template.slice(done));
  return { text: parts.join(""), blocks };
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
