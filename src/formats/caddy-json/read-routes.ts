import type { Place } from "../../lib/place.ts";
import { child, isTrue, type TreeNode } from "../tree.ts";
import type {
  CaddyHandler,
  CaddyRoute,
  HeaderOperation,
  MatcherSet,
  ProxyHandler,
  RateZone,
  SignInHandler,
} from "./model.ts";
import { entriesOf, isNoFlag, itemsOf, numberOf, secondsOf, type TextReader, textNode, textsOf } from "./nodes.ts";

/** How deep routes may lie in routes; more is nobody's configuration. */
const maxDepth = 40;

/** Routes of a server or subroute, in order. */
export function readRoutes(nodes: readonly TreeNode[], read: TextReader, depth = 0): readonly CaddyRoute[] {
  if (depth > maxDepth) return [];
  return nodes.flatMap((node): CaddyRoute[] => {
    if (node.kind !== "mapping") return [];
    const group = textNode(child(node, "group"), read)?.text ?? "";
    return [
      {
        ...(group === "" ? {} : { group }),
        matcherSets: itemsOf(child(node, "match")).map((set) => readMatcherSet(set, read, depth)),
        handlers: itemsOf(child(node, "handle")).map((handler) => readHandler(handler, read, depth)),
        terminal: isTrue(child(node, "terminal")),
        place: node.place,
      },
    ];
  });
}

export function readMatcherSet(node: TreeNode, read: TextReader, depth = 0): MatcherSet {
  const others: string[] = [];
  const set: { -readonly [K in keyof MatcherSet]: MatcherSet[K] } = { not: [], others };
  for (const { key, value } of entriesOf(node)) {
    if (key === "host") set.hosts = textsOf(value, read);
    else if (key === "path") set.paths = textsOf(value, read);
    else if (key === "client_ip") set.clientRanges = textsOf(child(value, "ranges"), read);
    else if (key === "remote_ip") set.remoteRanges = textsOf(child(value, "ranges"), read);
    else if (key === "not" && depth < maxDepth)
      set.not = itemsOf(value).map((each) => readMatcherSet(each, read, depth + 1));
    else others.push(key);
  }
  return set;
}

function readHandler(node: TreeNode, read: TextReader, depth: number): CaddyHandler {
  const { place } = node;
  const name = textNode(child(node, "handler"), read)?.text ?? "";
  switch (name) {
    case "subroute":
      return { kind: "subroute", routes: readRoutes(itemsOf(child(node, "routes")), read, depth + 1), place };
    case "invoke":
      return { kind: "invoke", name: textNode(child(node, "name"), read)?.text ?? "", place };
    case "reverse_proxy":
      return isForwardAuth(node) ? readForwardAuth(node, read) : readProxy(node, read);
    case "file_server": {
      const browse = child(node, "browse");
      const root = textNode(child(node, "root"), read);
      const hidden = textsOf(child(node, "hide"), read);
      return { kind: "files", ...(root && { root }), hidden, ...(browse && { browse: browse.place }), place };
    }
    case "vars": {
      const root = textNode(child(node, "root"), read);
      return root === undefined ? { kind: "other", name, place } : { kind: "root", root, place };
    }
    case "static_response":
    case "error":
      return readAnswer(node, read, name === "error");
    case "headers":
      return {
        kind: "headers",
        operations: readOperations(child(node, "response"), read),
        conditional: isConditional(child(child(node, "response"), "require")),
        place,
      };
    case "authentication": {
      const password = child(child(node, "providers"), "http_basic") !== undefined;
      const by = entriesOf(child(node, "providers"))[0]?.key ?? "authentication";
      return { kind: "sign-in", how: password ? "password" : "other", by, place };
    }
    case "rate_limit":
      return {
        kind: "rate-limit",
        zones: entriesOf(child(node, "rate_limits")).map((zone) => readZone(zone, read)),
        place,
      };
    default:
      return { kind: "other", name, place };
  }
}

/** What `forward_auth` expands to: asks another address first, and goes on where that answers 2xx. */
function isForwardAuth(node: TreeNode): boolean {
  const method = child(child(node, "rewrite"), "method");
  if (method?.kind !== "scalar" || method.value !== "GET") return false;
  const answers = itemsOf(child(node, "handle_response"));
  return answers.some((answer) =>
    itemsOf(child(child(answer, "match"), "status_code")).some((code) => code.kind === "scalar" && code.value === 2),
  );
}

function readForwardAuth(node: TreeNode, read: TextReader): SignInHandler {
  const { upstreams, dynamic, place } = readProxy(node, read);
  const uri = textNode(child(child(node, "rewrite"), "uri"), read);
  const asks = dynamic === undefined ? { asks: upstreams } : {};
  return { kind: "sign-in", how: "other", by: "forward_auth", ...asks, ...(uri && { uri }), place };
}

function readProxy(node: TreeNode, read: TextReader): ProxyHandler {
  const tls = child(child(node, "transport"), "tls");
  const skips = child(tls, "insecure_skip_verify");
  return {
    kind: "proxy",
    upstreams: itemsOf(child(node, "upstreams")).flatMap((each) => textNode(child(each, "dial"), read) ?? []),
    ...(child(node, "dynamic_upstreams") === undefined ? {} : { dynamic: "a module finds its upstreams" }),
    tls: tls !== undefined,
    ...(isTrue(skips) && skips !== undefined ? { skipsVerification: skips.place } : {}),
    ...(isNoFlag(skips) ? { verificationDoubt: "`insecure_skip_verify` is neither true nor false" } : {}),
    headers: readOperations(child(child(node, "headers"), "response"), read),
    place: node.place,
  };
}

function readAnswer(node: TreeNode, read: TextReader, isError: boolean): CaddyHandler {
  const { place } = node;
  if (isTrue(child(node, "abort"))) return { kind: "answer", status: "abort", place };
  const code = child(node, "status_code");
  const [location] = textsOf(entry(child(node, "headers"), "location"), read);
  const fallback = isError ? 500 : 200;
  return {
    kind: "answer",
    status: code === undefined ? fallback : numberOf(code),
    ...(location && { location }),
    place,
  };
}

/** A value under a name that is compared without regard to case. */
function entry(node: TreeNode | undefined, name: string): TreeNode | undefined {
  return entriesOf(node).find(({ key }) => key.toLowerCase() === name)?.value;
}

/** Whether a header handler acts on some answers only; one that waits for a header to be absent makes sure that it is there. */
function isConditional(require: TreeNode | undefined): boolean {
  if (require === undefined) return false;
  const others = entriesOf(require).filter(({ key }) => key !== "headers");
  const present = entriesOf(child(require, "headers")).some(({ value }) => itemsOf(value).length > 0);
  return others.length > 0 || present;
}

/** In the order in which Caddy applies them: add, set, delete, replace. */
function readOperations(node: TreeNode | undefined, read: TextReader): readonly HeaderOperation[] {
  const operations: HeaderOperation[] = [];
  for (const action of ["add", "set"] as const) {
    for (const { key, keyPlace, value } of entriesOf(child(node, action))) {
      operations.push({ action, name: key, value: textsOf(value, read).at(-1), place: keyPlace });
    }
  }
  for (const removed of textsOf(child(node, "delete"), read)) {
    operations.push({ action: "delete", name: removed.text, value: undefined, place: removed.place });
  }
  for (const { key, keyPlace } of entriesOf(child(node, "replace"))) {
    operations.push({ action: "replace", name: key, value: undefined, place: keyPlace });
  }
  return operations;
}

function readZone(zone: { readonly keyPlace: Place; readonly value: TreeNode }, read: TextReader): RateZone {
  const window = child(zone.value, "window");
  const value = window?.kind === "scalar" ? window.value : undefined;
  return {
    match: itemsOf(child(zone.value, "match")).map((set) => readMatcherSet(set, read)),
    events: numberOf(child(zone.value, "max_events")),
    windowSeconds: typeof value === "string" || typeof value === "number" ? secondsOf(value) : undefined,
    place: zone.keyPlace,
  };
}
