import { defaulted, type Fact, knownValue, stated, unknown } from "../../facts/fact.ts";
import type { Route } from "../../facts/subjects.ts";
import type { Place } from "../../lib/place.ts";
import type { TreeNode } from "../tree.ts";
import { listOf, option, scalarOf, textFact } from "./options.ts";
import type { Defined, Registry } from "./registry.ts";
import type { EntryPoint } from "./static.ts";

const versions: ReadonlyMap<string, "1.0" | "1.1" | "1.2" | "1.3"> = new Map(
  Object.entries({
    versiontls10: "1.0",
    versiontls11: "1.1",
    versiontls12: "1.2",
    versiontls13: "1.3",
  }),
);

/** The `tls` of a router, or that of the entry points it is served on; `off` for neither. */
export type TlsSource = { readonly node: TreeNode } | "off" | { readonly why: string; readonly place: Place };

export function tlsSource(
  router: Defined,
  served: readonly EntryPoint[] | { readonly why: string; readonly place: Place },
): TlsSource {
  const own = option(router.node, "tls");
  if (own !== undefined) {
    const scalar = scalarOf(own);
    if (scalar?.unresolved !== undefined) return { why: scalar.unresolved, place: own.place };
    const off = scalar !== undefined && /^(?:false|0|no|off)$/i.test(String(scalar.value));
    if (!off || (own.kind === "mapping" && own.entries.size > 1)) return { node: own };
  }
  if ("why" in served) return served;
  const [first] = served;
  const encrypted = first !== undefined && served.every(({ tls }) => tls !== undefined);
  if (encrypted && first?.tls !== undefined) return { node: first.tls };
  // Whether the others send all on to HTTPS hangs on what is not known.
  const plain = served.filter(({ tls }) => tls === undefined).map(({ redirectsToTls }) => redirectsToTls);
  const [open] = plain;
  if (open?.kind === "unknown" && plain.every(({ kind }) => kind === "unknown") && plain.length < served.length)
    return { why: open.why, place: open.place };
  return "off";
}

/** The TLS options that count: those that are named, else `default`. */
function optionsOf(source: { readonly node: TreeNode }, router: Defined, registry: Registry) {
  const written = textFact(option(source.node, "options"), source.node.place);
  if (written.kind === "unknown") return { why: written.why, place: written.place };
  const name = knownValue(written) ?? "default";
  const found = registry.tlsOptions(name, router.provider);
  if (found === undefined) return undefined;
  return "why" in found ? { why: found.why, place: written.place } : found;
}

/** Without options Traefik takes TLS 1.2 as the least. */
export function tlsFact(source: TlsSource, router: Defined, registry: Registry, isWhole: boolean): Route["tls"] {
  if (source === "off") return stated("none", router.place);
  if ("why" in source) return unknown(source.why, source.place);
  const options = optionsOf(source, router, registry);
  const place = source.node.place;
  if (options === undefined) return defaulted({ minimum: "1.2" }, "program", place);
  if ("why" in options) {
    // Who does not see the files does not see whether they change the default; that they weaken it is seldom.
    const named = option(source.node, "options") !== undefined;
    return named || isWhole ? unknown(options.why, options.place) : defaulted({ minimum: "1.2" }, "program", place);
  }
  const version = textFact(option(options, "minVersion"), options.place);
  if (version.kind === "unknown") return version;
  const text = knownValue(version);
  if (text === undefined) return defaulted({ minimum: "1.2" }, "program", options.place);
  const minimum = versions.get(text.toLowerCase());
  return minimum === undefined
    ? unknown(`\`${text}\` is no version of TLS`, version.place)
    : stated({ minimum }, version.place);
}

/** Where a client must show a certificate; undefined where it need not. */
export function clientCertificate(
  source: TlsSource,
  router: Defined,
  registry: Registry,
): Fact<"single-factor"> | undefined {
  if (source === "off" || "why" in source) return undefined;
  const options = optionsOf(source, router, registry);
  if (options === undefined || "why" in options) return undefined;
  const kind = option(options, "clientAuth", "clientAuthType");
  const text = kind === undefined ? undefined : knownValue(textFact(kind, kind.place));
  return kind !== undefined && /^Require(?:AnyClientCert|AndVerifyClientCert)$/i.test(text ?? "")
    ? stated("single-factor", kind.place)
    : undefined;
}

/** The entry points that a router names, by their own names; undefined where it names none. */
export function namedEntryPoints(router: Defined): ReturnType<typeof listOf> | undefined {
  const node = option(router.node, "entryPoints");
  return node === undefined ? undefined : listOf(node);
}
