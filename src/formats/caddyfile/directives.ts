/** What each directive of a Caddyfile makes of itself. Sources: the directives' pages of caddyserver.com/docs/caddyfile. */
import type { CaddyHandler, CaddyRoute, CaddyText, MatcherSet } from "../caddy-json/model.ts";
import { numberOf } from "./arguments-of.ts";
import { headerHandlers } from "./header-directive.ts";
import { matched, matcherSet, type NamedMatchers, namedMatchers, textOf } from "./matchers.ts";
import { type Made, sorted } from "./order.ts";
import { forwardAuth, proxyHandler } from "./proxy-directive.ts";
import { rateLimitHandler } from "./rate-limit-directive.ts";
import type { Token } from "./tokens.ts";
import type { Line } from "./tree.ts";

/** What the directives of a file share. */
export interface Adapting {
  readonly order: ReadonlyMap<string, number>;
  readonly namedRoutes: ReadonlySet<string>;
  complain(place: Line["place"], message: string): void;
  nextGroup(): string;
}

/** Directives that say something of a site as a whole and handle no request. */
const siteOptions = new Set(["tls", "log", "bind", "handle_errors"]);
/** Of several of these in one block only the first that matches acts. */
const exclusive = ["handle", "rewrite", "root"];

/** The routes of a block's lines: sorted, unless it is a `route`, which keeps their order. */
export function blockRoutes(
  lines: readonly Line[],
  outer: NamedMatchers,
  adapting: Adapting,
  keepOrder: boolean,
): readonly CaddyRoute[] {
  const matchers = namedMatchers(lines, outer);
  const made = lines.flatMap((line): Made[] => {
    if (line.name.text.startsWith("@") || siteOptions.has(line.name.text)) return [];
    const directive =
      line.unseen !== undefined ? "import" : line.name.text === "handle_path" ? "handle" : line.name.text;
    return directiveRoutes(line, matchers, adapting).map((routes) => ({ directive, routes }));
  });
  const unseen = made.filter(({ directive }) => directive === "import");
  const seen = made.filter(({ directive }) => directive !== "import");
  const ordered = [...unseen, ...(keepOrder ? seen : sorted(seen, adapting.order))];
  const groups = new Map(
    exclusive
      .filter((name) => ordered.filter(({ directive }) => directive === name).length > 1)
      .map((name) => [name, adapting.nextGroup()] as const),
  );
  return ordered.flatMap(({ directive, routes }) => {
    const group = groups.get(directive);
    return group === undefined ? routes : routes.map((route) => ({ ...route, group }));
  });
}

/** What one line makes; most make one thing. */
function directiveRoutes(line: Line, matchers: NamedMatchers, adapting: Adapting): readonly (readonly CaddyRoute[])[] {
  const { name, place } = line;
  if (line.unseen !== undefined) {
    return [[route([], [{ kind: "unseen", why: line.unseen, place }], place)]];
  }
  const { sets, args, undefined: missing } = argumentsOf(line, matchers);
  if (missing !== undefined) {
    adapting.complain(missing.place, `No line of this site names the matcher "${missing.text}".`);
  }
  const one = (...handlers: readonly CaddyHandler[]) => [[route(sets, handlers, place)]];
  const given: Line = { ...line, args };
  switch (name.text) {
    case "route":
    case "handle":
    case "handle_path":
      return one({
        kind: "subroute",
        routes: blockRoutes(line.block ?? [], matchers, adapting, name.text === "route"),
        place,
      });
    case "invoke":
      if (!adapting.namedRoutes.has(args[0]?.text ?? "")) {
        adapting.complain(place, `There is no named route "&(${args[0]?.text ?? ""})" in this Caddyfile.`);
      }
      return one({ kind: "invoke", name: args[0]?.text ?? "", place });
    case "reverse_proxy":
      return one(proxyHandler(given));
    case "php_fastcgi":
      return one({ kind: "subroute", routes: phpRoutes(given), place });
    case "header":
      return headerHandlers(given).map((handler) => [route(sets, [handler], place)]);
    case "rate_limit":
      return one(rateLimitHandler(given, (lines) => matcherSet(lines, 0)));
    default:
      return one(simpleHandler(given));
  }
}

/** Directives that take a matcher and nothing else before their block. */
const onlyMatched: ReadonlySet<string> = new Set(["abort", "handle", "handle_path", "route"]);

/** Directives whose arguments alone do not tell a path from a matcher. */
function argumentsOf(line: Line, matchers: NamedMatchers) {
  const { name, args } = line;
  const [first, ...rest] = args;
  if (first?.unresolved !== undefined && onlyMatched.has(name.text)) {
    return { sets: [{ not: [], others: [first.text], doubt: first.unresolved }], args: rest, undefined: undefined };
  }
  const lonely = (name.text === "root" || name.text === "rewrite") && args.length === 1;
  return lonely ? { sets: [], args, undefined: undefined } : { undefined: undefined, ...matched(args, matchers) };
}

export function route(
  matcherSets: readonly MatcherSet[],
  handlers: readonly CaddyHandler[],
  place: Line["place"],
): CaddyRoute {
  return { matcherSets, handlers, terminal: false, place };
}

function simpleHandler(line: Line): CaddyHandler {
  const { name, args, block, place } = line;
  const [first, second] = args;
  switch (name.text) {
    case "respond":
      return respond(line);
    case "redir":
      return { kind: "answer", status: redirectStatus(second?.text), ...location(first, second), place };
    case "error":
      return { kind: "answer", status: second === undefined ? (threeDigits(first) ?? 500) : numberOf(second), place };
    case "abort":
      return { kind: "answer", status: "abort", place };
    case "basic_auth":
    case "basicauth":
      return { kind: "sign-in", how: "password", by: name.text, place };
    case "forward_auth":
      return forwardAuth(line);
    case "root":
      return first === undefined
        ? { kind: "other", name: "root", place }
        : { kind: "root", root: textOf(first), place };
    case "file_server":
      return fileServer(first, block ?? [], place);
    default:
      return { kind: "other", name: name.text, place };
  }
}

function respond({ args, block, place }: Line): CaddyHandler {
  const [first, second] = args;
  const alone = second === undefined ? threeDigits(first) : undefined;
  // A body whose status is a placeholder of the request is told by nothing here.
  const status = second === undefined ? (alone ?? 200) : numberOf(second);
  const closes = block?.some(({ name }) => name.text === "abort") === true;
  return { kind: "answer", status: closes ? "abort" : status, place };
}

function threeDigits(token: Token | undefined): number | undefined {
  return token !== undefined && /^[1-9]\d\d$/.test(token.text) ? Number(token.text) : undefined;
}

function redirectStatus(code: string | undefined): number | undefined {
  if (code === undefined || code === "temporary") return 302;
  if (code === "permanent") return 301;
  if (code === "html") return 200;
  return /^\d{3}$/.test(code) ? Number(code) : undefined;
}

/** A redirect by a page (`html`) has no header that names where it leads. */
function location(to: Token | undefined, code: Token | undefined): { readonly location?: CaddyText } {
  return to === undefined || code?.text === "html" ? {} : { location: textOf(to) };
}

function fileServer(first: Token | undefined, block: readonly Line[], place: Line["place"]): CaddyHandler {
  const root = block.find(({ name }) => name.text === "root")?.args[0];
  const browse = first?.text === "browse" ? first : block.find(({ name }) => name.text === "browse")?.name;
  const hidden = block.filter(({ name }) => name.text === "hide").flatMap(({ args }) => args.map(textOf));
  const doubt = first?.unresolved ?? block.find(({ name }) => name.unresolved !== undefined)?.name.unresolved;
  return {
    kind: "files",
    ...(root && { root: textOf(root) }),
    hidden,
    ...(browse && { browse: browse.place }),
    ...(doubt !== undefined && { browseDoubt: doubt }),
    place,
  };
}

/** Requests for PHP's files go to the program; what comes before sends the others to `index.php`. */
function phpRoutes(line: Line): readonly CaddyRoute[] {
  const split = line.block?.find(({ name }) => name.text === "split")?.args.map(({ text }) => text) ?? [".php"];
  const paths = split.map((extension): CaddyText => ({ text: `*${extension}`, place: line.place }));
  return [route([{ paths, not: [], others: [] }], [proxyHandler(line)], line.place)];
}
