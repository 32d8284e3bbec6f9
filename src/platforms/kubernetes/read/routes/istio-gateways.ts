/**
 * Istio's own Gateways: which of their servers answer for the hosts of a VirtualService, and what they do with TLS.
 *
 * Source: Istio 1.27, "Gateway" (`hosts` of a server may begin with a namespace, `.` or `*`; `tls.mode`; `httpsRedirect`;
 * TLS 1.2 at least, unless `minProtocolVersion` says otherwise; `selector` takes pods of every namespace) and "Virtual
 * Service" (`gateways`, `namespace/name`; `mesh` alone where none is named).
 */
import { defaulted, type Fact, knownValue, stated, unknown } from "../../../../facts/fact.ts";
import type { SignIn } from "../../../../facts/sign-in.ts";
import type { Route } from "../../../../facts/subjects.ts";
import { asText, type Fields } from "../../../../formats/fields.ts";
import type { KubernetesObject } from "../../objects.ts";
import { type ClusterContext, itemsIn, specOf, textIn, textsIn, whyIncomplete } from "../context.ts";
import { flagFact } from "../pods/scalars.ts";
import type { RouteSettings } from "./route.ts";

export const istioGroup = "networking.istio.io";

export interface IstioServer {
  readonly gateway: KubernetesObject;
  readonly fields: Fields;
  /** In upper case; undefined where it is not resolved. */
  readonly protocol: string | undefined;
  /** Without namespaces. */
  readonly hosts: readonly string[];
}

/** The gateways that a VirtualService is bound to. */
export interface IstioBinding {
  /** Those that answer for one of its hosts. */
  readonly servers: readonly IstioServer[];
  readonly gateways: readonly KubernetesObject[];
  /** Why it may be served by others too. */
  readonly whyIncomplete: string | undefined;
}

export class IstioGateways {
  readonly #context: ClusterContext;
  readonly #servers = new Map<KubernetesObject, readonly IstioServer[]>();

  constructor(context: ClusterContext) {
    this.#context = context;
  }

  /** Undefined for a VirtualService that is for the mesh alone. */
  bindingOf(service: KubernetesObject): IstioBinding | undefined {
    const spec = specOf(service);
    if (spec.node("gateways") === undefined && spec.hidden === undefined) return undefined;
    const named = textsIn(spec, "gateways").filter((each) => each !== "mesh");
    let why = whyIncomplete(spec, "gateways");
    if (named.length === 0 && why === undefined) return undefined;
    const hosts = textsIn(spec, "hosts");
    const gateways = named.flatMap((text) => {
      const found = this.#gateway(text, service);
      if (found === undefined) why ??= this.#context.absent(`the Gateway ${text}`);
      return found ?? [];
    });
    const servers = gateways.flatMap((gateway) => this.#serversOf(gateway));
    return { servers: servers.filter((each) => answersFor(each, hosts)), gateways, whyIncomplete: why };
  }

  #gateway(text: string, service: KubernetesObject): KubernetesObject | undefined {
    const [first = "", second] = text.split("/");
    const namespace = second === undefined ? this.#context.namespaceOf(service) : first;
    return this.#context.object(istioGroup, "Gateway", second ?? first, namespace);
  }

  #serversOf(gateway: KubernetesObject): readonly IstioServer[] {
    const known = this.#servers.get(gateway);
    if (known !== undefined) return known;
    const found = itemsIn(specOf(gateway), "servers").map((fields) => ({
      gateway,
      fields,
      protocol: textIn(fields.fields("port"), "protocol")?.toUpperCase(),
      hosts: textsIn(fields, "hosts").map((host) => host.replace(/^[^/]*\//, "")),
    }));
    this.#servers.set(gateway, found);
    return found;
  }
}

function answersFor({ hosts }: IstioServer, wanted: readonly string[]): boolean {
  return hosts.length === 0 || wanted.length === 0 || hosts.some((host) => wanted.some((each) => meet(host, each)));
}

/** Whether two names, each of which may begin with `*`, have a host in common. */
export function meet(one: string, other: string): boolean {
  if (one === other || one === "*" || other === "*") return true;
  return covers(one, other) || covers(other, one);
}

function covers(pattern: string, host: string): boolean {
  return pattern.startsWith("*.") && host.endsWith(pattern.slice(1));
}

const encrypting: ReadonlySet<string> = new Set(["HTTPS", "TLS"]);
const plain: ReadonlySet<string> = new Set(["HTTP", "HTTP2", "GRPC"]);

export function isPlain({ protocol }: IstioServer): boolean {
  return protocol !== undefined && plain.has(protocol);
}

/** Whether the gateway itself ends TLS there; what is passed through is the pods' own. */
function isEncrypted(server: IstioServer): boolean {
  return server.protocol !== undefined && encrypting.has(server.protocol) && !isPassed(server);
}

export function isPassed({ fields }: IstioServer): boolean {
  return /PASSTHROUGH$/i.test(textIn(fields.fields("tls"), "mode") ?? "");
}

function redirects({ fields }: IstioServer): Fact<boolean> {
  return flagFact(fields.fields("tls"), "httpsRedirect", (at) => defaulted(false, "platform", at));
}

const versions: ReadonlyMap<string, "1.0" | "1.1" | "1.2" | "1.3"> = new Map([
  ["TLSV1_0", "1.0"],
  ["TLSV1_1", "1.1"],
  ["TLSV1_2", "1.2"],
  ["TLSV1_3", "1.3"],
  ["TLS_AUTO", "1.2"],
]);

function versionOf({ fields }: IstioServer): Route["tls"] {
  const tls = fields.fields("tls");
  const version = tls.fact("minProtocolVersion", asText, "a version", (at) => defaulted("TLS_AUTO", "platform", at));
  if (version.kind === "unknown" || version.kind === "unstated") return version;
  const minimum = versions.get(version.value);
  if (minimum === undefined) return unknown(`\`${version.value}\` is no version of TLS`, version.place);
  return { ...version, value: { minimum } };
}

/** What its servers do with TLS; who comes by the one that allows least is served all the same. */
export function istioTls({ servers, whyIncomplete: why }: IstioBinding): Pick<RouteSettings, "tls"> {
  const each = servers.filter(isEncrypted).map(versionOf);
  const open = each.find(({ kind }) => kind === "unknown");
  const known = each.flatMap((tls) => (knownValue(tls) === undefined || tls.kind === "unknown" ? [] : [tls]));
  const [lowest] = known.toSorted((a, b) => rank(a) - rank(b));
  if (lowest !== undefined) return { tls: rank(lowest) < rankOf("1.2") ? lowest : (open ?? lowest) };
  if (open !== undefined) return { tls: open };
  const first = servers.find(isPlain);
  if (first === undefined || why !== undefined || servers.some(isPassed)) return {};
  return { tls: stated("none", first.fields.keyPlace("port")) };
}

function rank(tls: Route["tls"]): number {
  const value = knownValue(tls);
  return value === undefined || value === "none" ? 0 : rankOf(value.minimum);
}

function rankOf(minimum: string): number {
  return Number(minimum.slice(2));
}

/** `isSentOn`: whether some VirtualService sends on what comes to a server in plain. */
export function istioRedirect(
  { servers, whyIncomplete: why }: IstioBinding,
  isSentOn: (server: IstioServer) => boolean,
): Pick<RouteSettings, "redirectsToTls"> {
  const encrypted = servers.find(isEncrypted);
  if (encrypted === undefined) return {};
  const staying = servers.filter((server) => isPlain(server) && knownValue(redirects(server)) !== true);
  const open = staying.find((server) => !isSentOn(server));
  if (open !== undefined) {
    const fact = redirects(open);
    return { redirectsToTls: fact.kind === "unknown" ? fact : stated(false, open.fields.keyPlace("port")) };
  }
  const { place } = encrypted.fields;
  return { redirectsToTls: why === undefined ? stated(true, place) : unknown(why, place) };
}

/** A gateway that takes nobody without a certificate of his own, on all of its servers, asks for a sign-in. */
export function istioClientCertificate({ servers, whyIncomplete: why }: IstioBinding): Fact<SignIn> | undefined {
  const modes = servers.map(({ fields }) => textIn(fields.fields("tls"), "mode"));
  const [first] = servers;
  if (first === undefined || why !== undefined || !modes.every((mode) => /^(?:ISTIO_)?MUTUAL$/.test(mode ?? "")))
    return undefined;
  return stated("single-factor", first.fields.keyPlace("tls"));
}
