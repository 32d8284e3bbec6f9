import {
  complete,
  defaulted,
  type Fact,
  type FactList,
  incomplete,
  knownValue,
  mapFact,
  stated,
  unknown,
  unstated,
} from "../../facts/fact.ts";
import { repositoryOf } from "../../facts/image-repository.ts";
import type { SignIn } from "../../facts/sign-in.ts";
import type {
  AnySubject,
  Audience,
  Container,
  Mount,
  RateLimit,
  ResponseHeader,
  Route,
  Workload,
} from "../../facts/subjects.ts";
import { System } from "../../facts/system.ts";
import type { Place } from "../../lib/place.ts";
import { type AskedHost, askedHosts, asksForHosts, textOf, variableOf } from "./asked-hosts.ts";
import type { ProjectContext } from "./read-context.ts";

/** Not those of nginx-proxy-manager. */
const proxyImage = /(?:^|\/)nginx-proxy$/;

/**
 * The routes that the variables of services ask nginx-proxy for (`VIRTUAL_HOST`).
 *
 * Source: nginx-proxy 1.6, docs/README.md: the port (else the only one, else 80), `NETWORK_ACCESS`, `HTTPS_METHOD` (`redirect`), `HSTS` (`max-age=31536000`), TLS 1.2 and newer, files of a host in `/etc/nginx/vhost.d` and
 * `/etc/nginx/htpasswd`.
 */
export function readVirtualHosts(
  { system: name, lens }: ProjectContext,
  subjects: readonly AnySubject[],
): readonly AnySubject[] {
  const asking = subjects.filter(
    (subject): subject is Container => subject.kind === "container" && asksForHosts(subject),
  );
  if (asking.length === 0) return [];
  const system = new System({ name, lens, platform: "compose", subjects });
  const proxy = proxyIn(system);
  if (proxy === undefined) return [];
  return asking.flatMap((container) => {
    const workload = system.workloadOf(container);
    return workload === undefined || workload === proxy || !sharesNetwork(workload, proxy)
      ? []
      : routesOf(container, workload, proxy, system);
  });
}

function proxyIn(system: System): Workload | undefined {
  for (const image of system.all("image")) {
    if (!proxyImage.test(repositoryOf(image) ?? "")) continue;
    const container = system.get(image.usedBy);
    if (container?.kind === "container") return system.workload(container.workload);
  }
  return undefined;
}

function sharesNetwork({ attachments }: Workload, proxy: Workload): boolean {
  const names = new Set(proxy.attachments.items.map(({ network }) => network.name));
  return attachments.items.some(({ network }) => names.has(network.name));
}

function routesOf(container: Container, workload: Workload, proxy: Workload, system: System): readonly Route[] {
  return askedHosts(container).map((asked): Route => {
    const { host, path, place } = asked;
    return {
      kind: "route",
      ref: {
        kind: "route",
        system: system.name,
        name: `${workload.ref.name}/${knownValue(host) ?? "?"}${knownValue(path) ?? ""}`,
      },
      lens: system.lens,
      platform: "compose",
      owner: workload.ref,
      leadsToOwner: true,
      edge: proxy.ref,
      host,
      path,
      place,
      target: targetOf(asked, workload, system),
      ...settingsOf(container, proxy, system, place),
    };
  });
}

function settingsOf(container: Container, proxy: Workload, system: System, place: Place) {
  const unseen = unseenFiles(proxy, system);
  const open = <T>(): Fact<T> => (unseen === undefined ? unstated(place) : unknown(unseen, place));
  const encrypted = textOf(variableOf(container, "LETSENCRYPT_HOST"));
  return {
    audience: audienceOf(
      container,
      mountsOf(proxy, system).some(({ target }) => knownValue(target) === insideNetworks),
      unseen === undefined ? defaulted({ kind: "public" }, "platform", place) : unknown(unseen, place),
    ),
    ...encryptionOf(container, encrypted !== undefined && encrypted !== "", place),
    rateLimit: open<RateLimit | "none">(),
    loginRateLimit: open<RateLimit | "none">(),
    authentication: open<SignIn>(),
    headers: headersOf(container, encrypted !== undefined && encrypted !== "", place),
    ...(unseen === undefined ? { whole: true } : {}),
  } as const;
}

/** Files by which somebody adds to what nginx-proxy makes; a volume of `vhost.d` is what its companion writes to. */
function unseenFiles(proxy: Workload, system: System): string | undefined {
  for (const { target, type } of mountsOf(proxy, system)) {
    const path = knownValue(target);
    if (path === undefined) return "files are mounted where it is not seen";
    const isVolume = knownValue(type) === "volume" || knownValue(type) === "anonymous-volume";
    if (/^\/etc\/nginx\/htpasswd(?:\/|$)/.test(path)) return `\`${path}\` is mounted, and not read`;
    if (!isVolume && /^\/etc\/nginx(?:\/(?:vhost\.d|conf\.d|nginx\.conf|proxy\.conf)(?:\/|$)|\/?$)/.test(path))
      return `\`${path}\` is mounted, and not read`;
  }
  return undefined;
}

function mountsOf(proxy: Workload, system: System): readonly Mount[] {
  return system.containersOf(proxy).flatMap((container) => system.ownedBy(container.ref, "mount"));
}

function targetOf({ port, place }: AskedHost, workload: Workload, system: System): Route["target"] {
  if (port !== undefined) return mapFact(port, (known) => ({ workload: workload.ref, port: known }));
  const ports = new Set(
    system.ownedBy(workload.ref, "listener").flatMap((listener) => knownValue(listener.port) ?? []),
  );
  const [only] = ports;
  // The image may expose others, which it counts too.
  if (ports.size === 1 && only !== undefined) return defaulted({ workload: workload.ref, port: only }, "image", place);
  if (ports.has(80)) return defaulted({ workload: workload.ref, port: 80 }, "image", place);
  return unknown("only the image tells its port", place);
}

/** What whoever has other networks inside mounts there. */
const insideNetworks = "/etc/nginx/network_internal.conf";
const privateNetworks = ["127.0.0.0/8", "10.0.0.0/8", "192.168.0.0/16", "172.16.0.0/12"];

function audienceOf(container: Container, hasOwnNetworks: boolean, otherwise: Fact<Audience>): Fact<Audience> {
  const variable = variableOf(container, "NETWORK_ACCESS");
  if (variable === undefined) return otherwise;
  const text = textOf(variable);
  if (text === undefined) return unknown("`NETWORK_ACCESS` is not seen", variable.place);
  if (text !== "internal") return otherwise;
  return hasOwnNetworks
    ? unknown(`\`${insideNetworks}\` is mounted, and not read`, variable.place)
    : stated({ kind: "networks", cidrs: privateNetworks }, variable.place);
}

/** A host that its companion fetches a certificate for has one; of others it is not seen. */
function encryptionOf(container: Container, encrypted: boolean, place: Place): Pick<Route, "tls" | "redirectsToTls"> {
  const method = variableOf(container, "HTTPS_METHOD");
  const text = method === undefined ? "redirect" : textOf(method);
  const at = method?.place ?? place;
  if (text === "nohttps") return { tls: stated("none", at), redirectsToTls: stated(false, at) };
  const why = "whether it has a certificate for the host is not seen";
  if (!encrypted || text === undefined) return { tls: unknown(why, at), redirectsToTls: unknown(why, at) };
  return { tls: stated({ minimum: "1.2" }, place), redirectsToTls: stated(text !== "noredirect", at) };
}

function headersOf(container: Container, encrypted: boolean, place: Place): FactList<ResponseHeader> {
  const variable = variableOf(container, "HSTS");
  const value = variable === undefined ? "max-age=31536000" : textOf(variable);
  const others = "the service may send more, and files of the host too";
  if (!encrypted || value === undefined) return incomplete([], others, place);
  if (value === "off") return complete([], variable?.place ?? place);
  const name = "strict-transport-security";
  return incomplete([{ name, value, place: variable?.place ?? place }], others, place);
}
