/**
 * What kubeseal encrypted: values below `encryptedData` of a `SealedSecret`, which are meant to lie in Git.
 *
 * Source: bitnami-labs/sealed-secrets 0.32, `pkg/crypto/crypto.go`: two bytes of length, a session key of the length of
 * the RSA key, and what AES-GCM encrypted with it, in base64.
 */
import type { FoundSecret } from "./found.ts";

/** Of the keys that anybody makes the shortest, 1024 bits, gives 195 characters with nothing in them. */
const sealedValue = /[A-Za-z0-9+/]{150,}={0,2}/g;
const ofKind =
  /^[ \t]*(?:-[ \t]+)?["']?kind["']?:[ \t]*["']?SealedSecret\b|[{,][ \t]*["']?kind["']?:[ \t]*["']?SealedSecret\b/m;
const encryptedData = /(^[ \t]*(?:-[ \t]+)?|[{,][ \t]*)["']?encryptedData["']?:[ \t]*/gm;

/** Without those that stand in sealed values. What is too short to be one was written there in the open, and stays. */
export function withoutSealed(found: readonly FoundSecret[], text: string): readonly FoundSecret[] {
  if (found.length === 0 || !text.includes("SealedSecret")) return found;
  const sealed = sealedValuesIn(text);
  let next = 0;
  return [...found]
    .sort((a, b) => a.offset - b.offset)
    .filter(({ offset, end }) => {
      while ((sealed[next]?.end ?? text.length) <= offset) next += 1;
      const value = sealed[next];
      return value === undefined || offset < value.offset || value.end < end;
    });
}

interface Span {
  readonly offset: number;
  readonly end: number;
}

/** In the order of their places. */
function sealedValuesIn(text: string): readonly Span[] {
  const spans: Span[] = [];
  for (const document of documentsOf(text)) {
    const own = text.slice(document.offset, document.end);
    if (!ofKind.test(own)) continue;
    let reached = 0;
    for (const match of own.matchAll(encryptedData)) {
      const start = match.index + match[0].length;
      if (start < reached) continue;
      reached = endOf(own, start, match[1] ?? "");
      for (const value of own.slice(start, reached).matchAll(sealedValue)) {
        const offset = document.offset + start + value.index;
        spans.push({ offset, end: offset + value[0].length });
      }
    }
  }
  return spans;
}

function documentsOf(text: string): readonly Span[] {
  const ends = [...text.matchAll(/^---(?=\s|$)/gm)].map(({ index }) => index);
  return [0, ...ends].map((offset, index) => ({ offset, end: ends[index] ?? text.length }));
}

/** Where a mapping ends: at its brace, or before the first line that is not further in than its key. */
function endOf(text: string, start: number, before: string): number {
  if (text.charAt(start) === "{") {
    const close = text.indexOf("}", start);
    return close === -1 ? text.length : close;
  }
  for (let at = text.indexOf("\n", start); at !== -1; at = text.indexOf("\n", at + 1)) {
    let first = at + 1;
    while (text.charAt(first) === " ") first += 1;
    const isText = first < text.length && !/[\r\n#]/.test(text.charAt(first));
    if (isText && first - at - 1 <= before.length) return at;
  }
  return text.length;
}
