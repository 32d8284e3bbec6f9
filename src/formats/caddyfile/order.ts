import type { CaddyRoute, MatcherSet } from "../caddy-json/model.ts";
import type { Line } from "./tree.ts";

/** The order in which directives act, wherever they stand. Source: `directives.go` of Caddy 2.11. */
const defaultOrder: readonly string[] = [
  "tracing",
  "map",
  "vars",
  "fs",
  "root",
  "log_append",
  "skip_log",
  "log_skip",
  "log_name",
  "header",
  "copy_response_headers",
  "request_body",
  "redir",
  "method",
  "rewrite",
  "uri",
  "try_files",
  "basicauth",
  "basic_auth",
  "forward_auth",
  "request_header",
  "encode",
  "push",
  "intercept",
  "templates",
  "invoke",
  "handle",
  "handle_path",
  "route",
  "abort",
  "error",
  "copy_response",
  "respond",
  "metrics",
  "reverse_proxy",
  "php_fastcgi",
  "file_server",
  "acme_server",
];

/**
 * The order with what the global option `order` changes: `order rate_limit before basic_auth`. A directive of a plugin
 * that is ordered nowhere may bring an order of its own; it is taken to act before those that serve something.
 */
export function directiveOrder(options: readonly Line[]): ReadonlyMap<string, number> {
  const order = [...defaultOrder];
  for (const { name, args } of options) {
    if (name.text !== "order") continue;
    const [directive, position, other] = args.map(({ text }) => text);
    if (directive === undefined) continue;
    const old = order.indexOf(directive);
    if (old !== -1) order.splice(old, 1);
    const at = other === undefined ? -1 : order.indexOf(other);
    if (position === "first") order.unshift(directive);
    else if (position === "last" || at === -1) order.push(directive);
    else order.splice(position === "before" ? at : at + 1, 0, directive);
  }
  return new Map(order.map((name, index) => [name, index]));
}

/** The routes that one directive makes. */
export interface Made {
  readonly directive: string;
  /** Several routes stay together in their order; one alone is sorted by its path. */
  readonly routes: readonly CaddyRoute[];
}

/** Sorts what directives made: by directive, then the longer path first. Source: `sortRoutes` of Caddy 2.11. */
export function sorted(made: readonly Made[], order: ReadonlyMap<string, number>): readonly Made[] {
  const position = (name: string) => order.get(name) ?? (order.get("invoke") ?? 0) - 0.5;
  return [...made].sort((a, b) => {
    if (a.directive !== b.directive) return position(a.directive) - position(b.directive);
    const [left, right] = [a.routes, b.routes];
    const [first] = left;
    const [second] = right;
    if (first === undefined || second === undefined || left.length > 1 || right.length > 1) return 0;
    const before = goesBefore(first, second);
    const after = goesBefore(second, first);
    if (before === after) return 0;
    return (a.directive === "vars" ? !before : before) ? -1 : 1;
  });
}

function goesBefore(a: CaddyRoute, b: CaddyRoute): boolean {
  const left = onlyPath(a.matcherSets);
  const right = onlyPath(b.matcherSets);
  if (left !== undefined && right !== undefined) {
    const first = left.replace(/\*$/, "");
    const second = right.replace(/\*$/, "");
    if (first === second) return left.length < right.length;
    return first.length === second.length ? first < second : first.length > second.length;
  }
  return a.matcherSets.length > 0 && b.matcherSets.length === 0;
}

function onlyPath(sets: readonly MatcherSet[]): string | undefined {
  const [set, more] = sets;
  const paths = more === undefined ? set?.paths : undefined;
  return paths?.length === 1 && paths[0]?.text !== "" ? paths[0]?.text : undefined;
}
