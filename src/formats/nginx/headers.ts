import { complete, incomplete } from "../../facts/fact.ts";
import type { Route } from "../../facts/subjects.ts";
import type { NginxDirective } from "./include.ts";
import type { Level } from "./level.ts";
import type { NginxLocation } from "./location.ts";

type Headers = Route["headers"];
type Header = Headers["items"][number];

/**
 * The headers that nginx adds. Those of outer blocks are sent only where a block has no `add_header` of its own, unless
 * `add_header_inherit merge` says otherwise: what is lost so is told as removed. Source: ngx_http_headers_module.
 */
export function headersOf({ level, place }: NginxLocation): Headers {
  const headers = new Map<string, Header>();
  let why = level.doubt("add_header");
  const { sent, lost } = addedHeaders(level);
  for (const directive of lost) {
    const name = nameOf(directive);
    const by = sent[0];
    if (name !== undefined && by !== undefined)
      headers.set(name, { name, value: null, place: by.place, because: lostBecause });
  }
  for (const directive of sent) {
    const name = nameOf(directive);
    const value = directive.args[1];
    if (name === undefined || value === undefined || value.text === "") continue;
    if (value.unresolved !== undefined || /^\$\w+$/.test(value.text))
      why ??= value.unresolved ?? `a variable decides the header ${name}`;
    else headers.set(name, { name, value: value.text, place: directive.place });
  }
  for (const each of [...level.chain()].reverse())
    for (const directive of each.ownOf("more_set_headers", "more_clear_headers")) moreHeaders(headers, directive);
  const items = [...headers.values()];
  return why === undefined ? complete(items, place) : incomplete(items, why, place);
}

const lostBecause = "the `add_header` of this block takes the place of all that stand around it";

function addedHeaders(level: Level): {
  readonly sent: readonly NginxDirective[];
  readonly lost: readonly NginxDirective[];
} {
  const sent: NginxDirective[] = [];
  const lost: NginxDirective[] = [];
  const inherits = level.last("add_header_inherit")?.args[0]?.text;
  for (const each of level.chain()) {
    const own = each.own("add_header");
    if (sent.length === 0 || inherits === "merge") sent.push(...own);
    else lost.push(...own);
    if (inherits === "off") break;
  }
  const kept = new Set(sent.map(nameOf));
  return { sent, lost: lost.filter((directive) => !kept.has(nameOf(directive))) };
}

function nameOf({ args }: NginxDirective): string | undefined {
  return args[0]?.unresolved === undefined ? args[0]?.text.toLowerCase() : undefined;
}

/** `more_set_headers` and `more_clear_headers` of headers-more-nginx-module, which blocks inside add to. */
function moreHeaders(headers: Map<string, Header>, { name, args, place }: NginxDirective): void {
  for (const { text, unresolved } of args) {
    if (unresolved !== undefined || text.startsWith("-")) continue;
    const colon = text.indexOf(":");
    const header = (colon === -1 ? text : text.slice(0, colon)).trim().toLowerCase();
    const value = colon === -1 ? "" : text.slice(colon + 1).trim();
    headers.set(header, { name: header, value: name === "more_clear_headers" || value === "" ? null : value, place });
  }
}
