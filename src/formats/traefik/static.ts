import { defaulted, type Fact, knownValue, stated, unknown } from "../../facts/fact.ts";
import type { Place } from "../../lib/place.ts";
import type { MappingNode, TreeNode } from "../tree.ts";
import { entriesOf, flagFact, type Listed, listOf, option, scalarOf, textFact } from "./options.ts";

/** A port that Traefik listens on, with what it does with all that comes in there. */
export interface EntryPoint {
  readonly name: string;
  readonly port: Fact<number>;
  readonly isUdp: boolean;
  /** The `http.tls` below it; undefined where routers decide. */
  readonly tls: TreeNode | undefined;
  readonly redirectsToTls: Fact<boolean>;
  readonly middlewares: Listed;
  readonly isDefault: boolean;
  readonly node: TreeNode;
  readonly place: Place;
}

/** Traefik's static configuration. */
export interface TraefikStatic {
  /** Undefined where none is seen: then `why` says so. */
  readonly root: MappingNode | undefined;
  readonly why: string | undefined;
  readonly entryPoints: readonly EntryPoint[];
  readonly place: Place;
}

/** Reads the tree of a file, of arguments or of variables. */
export function readStatic(root: MappingNode): TraefikStatic {
  const written = entriesOf(option(root, "entryPoints")).map(({ key, value }) => entryPoint(key, value));
  return {
    root,
    why: undefined,
    entryPoints: written.length > 0 ? written : [defaultEntryPoint(root)],
    place: root.place,
  };
}

/** A static configuration that is not seen, for a reason that is a clause. */
export function unseenStatic(why: string, place: Place): TraefikStatic {
  return { root: undefined, why, entryPoints: [], place };
}

/** Without any, Traefik listens on port 80. */
function defaultEntryPoint(node: TreeNode): EntryPoint {
  const { place } = node;
  return {
    name: "http",
    port: defaulted(80, "program", place),
    isUdp: false,
    tls: undefined,
    redirectsToTls: defaulted(false, "program", place),
    middlewares: { items: [] },
    isDefault: false,
    node,
    place,
  };
}

function entryPoint(name: string, node: TreeNode): EntryPoint {
  const { place } = node;
  const address = option(node, "address") ?? scalarOf(node);
  const fact = textFact(address, place);
  const text = knownValue(fact) ?? "";
  return {
    name,
    port:
      fact.kind === "stated"
        ? portOf(text, fact.place)
        : fact.kind === "unknown"
          ? fact
          : unknown("it has no address", place),
    isUdp: /\/udp$/i.test(text),
    tls: option(node, "http", "tls"),
    redirectsToTls: redirectOf(option(node, "http", "redirections", "entryPoint"), place),
    middlewares: listOf(option(node, "http", "middlewares")),
    isDefault: knownValue(flagFact(option(node, "asDefault"), place)) === true,
    node,
    place,
  };
}

function portOf(address: string, place: Place): Fact<number> {
  const port = /:(\d{1,5})(?:\/(?:tcp|udp))?$/i.exec(address.trim())?.[1];
  return port === undefined ? unknown("its address names no port", place) : stated(Number(port), place);
}

/** A redirection leads to `https` unless another scheme is named. */
function redirectOf(node: TreeNode | undefined, place: Place): Fact<boolean> {
  if (node === undefined) return defaulted(false, "program", place);
  const scheme = textFact(option(node, "scheme"), node.place);
  if (scheme.kind === "unknown") return scheme;
  return stated((knownValue(scheme) ?? "https").toLowerCase() === "https", node.place);
}

/** The entry points that a router without any of its own is served on. */
export function defaultEntryPoints({ entryPoints }: TraefikStatic): readonly EntryPoint[] {
  const marked = entryPoints.filter(({ isDefault, isUdp }) => isDefault && !isUdp);
  return marked.length > 0 ? marked : entryPoints.filter(({ isUdp, name }) => !isUdp && name !== "traefik");
}
