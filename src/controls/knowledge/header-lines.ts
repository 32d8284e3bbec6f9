import type { Edit } from "../../contracts/fix.ts";
import type { Judgement } from "../../contracts/verdict.ts";
import type { Route } from "../../facts/subjects.ts";
import { linesAt } from "../fix.ts";

/**
 * Has a proxy send headers, by lines before the one where a route is written. Caddy sends them where the service behind it
 * does not (`?`); nginx beside what that sends. Undefined for other proxies, which name a middleware elsewhere.
 */
export function headerLines(
  route: Route,
  { place }: Judgement,
  headers: Readonly<Record<string, string>>,
): readonly [Edit] | undefined {
  const path = place?.kind === "file" ? place.source.path : "";
  const all = Object.entries(headers);
  if (/(?:^|\/)[\w.-]*Caddyfile[\w.-]*$|\.caddy(?:file)?$/.test(path)) {
    return linesAt(place, "before", ...all.map(([name, value]) => `header ?${name} ${quoted(value)}`));
  }
  // A header that is added at one level takes away all that were added further out.
  const inherits = route.headers.items.length > 0 || !route.headers.complete;
  if (inherits || !/\.conf(?:\.template)?$/.test(path)) return undefined;
  return linesAt(place, "before", ...all.map(([name, value]) => `add_header ${name} ${quoted(value)} always;`));
}

function quoted(value: string): string {
  return /^[\w-]+$/.test(value) ? value : `"${value}"`;
}
