import { assigned, looksLikeSecret, mayNameOne, valueAt } from "./assigned.ts";
import type { FoundSecret } from "./found.ts";

/**
 * A name and its value under keys of their own: `- name: DB_PASSWORD` with `value: …` on the next line, or both in braces.
 * Lists of variables are written so for Kubernetes, charts, ECS, Nomad's and others' APIs, and so are a form's fields.
 */
const pair =
  /\b(?:name|key)["']?[ \t]{0,20}[:=][ \t]{0,20}(["']?)([A-Za-z_][\w.-]{1,79})\1[ \t]{0,20}(,?[ \t]{0,20}(?:#[^\n]{0,200})?\r?\n[ \t]{0,60}|,[ \t]{0,20})["']?value["']?[ \t]{0,20}[:=][ \t]{0,20}/g;
/** What may stand before the first of the two on its line. */
const before = /(?:^|[\n{,])[ \t]*(?:-[ \t]+){0,2}["']?$/;
const longestBefore = 80;

/** Values beside names that say secret, as far as their looks are those of a secret and of nothing else. */
export function pairedSecretsIn(text: string): readonly FoundSecret[] {
  const found: FoundSecret[] = [];
  for (const match of text.matchAll(pair)) {
    const [whole, , name = "", between = ""] = match;
    if (!mayNameOne(name) || /^key$/i.test(name)) continue;
    if (!before.test(text.slice(Math.max(0, match.index - longestBefore), match.index))) continue;
    if (between.includes("\n") && !areAligned(text, match.index, between)) continue;
    const value = valueAt(text, match.index + whole.length, undefined);
    if (value === undefined || !looksLikeSecret(name, value.text)) continue;
    found.push(assigned(name, value.offset, value.text));
  }
  return found;
}

/** Whether both keys stand under one another: else they belong to two mappings. */
function areAligned(text: string, start: number, between: string): boolean {
  const first = /["']/.test(text.charAt(start - 1)) ? start - 1 : start;
  const column = first - (text.lastIndexOf("\n", first - 1) + 1);
  return between.length - (between.lastIndexOf("\n") + 1) === column;
}
