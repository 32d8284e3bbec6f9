import {
  complete,
  defaulted,
  type Fact,
  type FactList,
  incomplete,
  knownValue,
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
  EnvironmentVariable,
  RateLimit,
  ResponseHeader,
  Route,
  Workload,
} from "../../facts/subjects.ts";
import { System } from "../../facts/system.ts";
import type { Place } from "../../lib/place.ts";
import type { ProjectContext } from "./read-context.ts";

/** Not those of nginx-proxy-manager. */
const proxyImage = /(?:^|\/)nginx-proxy$/;
const mostHosts = 50;

/**
 * The routes that the variables of services ask nginx-proxy for (`VIRTUAL_HOST`).
 *
 * Source: nginx-proxy 1.6, docs/README.md: `VIRTUAL_PORT` (else the only port, else 80), `VIRTUAL_PATH`, `NETWORK_ACCESS`,
 * `HTTPS_METHOD` (`redirect`), `HSTS` (`max-age=31536000`), TLS 1.2 and newer, files of a host in `/etc/nginx/vhost.d` and
 * `/etc/nginx/htpasswd`.
 */
export function readVirtualHosts(
  { system: name, lens }: ProjectContext,
  subjects: readonly AnySubject[],
): readonly AnySubject[] {
  const asking = subjects.filter(
    (subject): subject is Container =>
      subject.kind === "container" && subject.environment.items.some((variable) => variable.name === "VIRTUAL_HOST"),
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
  const hosts = variableOf(container, "VIRTUAL_HOST");
  if (hosts === undefined || hosts.value.kind === "unstated") return [];
  const { place } = hosts;
  const text = textOf(hosts);
  const names: readonly Fact<string>[] =
    text === undefined
      ? [unknown(hosts.value.kind === "unknown" ? hosts.value.why : "it is not seen", place)]
      : text
          .split(",", mostHosts)
          .map((host) => host.trim())
          .filter((host) => host !== "")
          .map((host) => (host.startsWith("~") ? unknown("it is a pattern", place) : stated(host, place)));
  const around = settingsOf(container, workload, proxy, system, place);
  return names.map((host): Route => {
    const shown = `${knownValue(host) ?? "?"}${knownValue(around.path) ?? ""}`;
    return {
      kind: "route",
      ref: { kind: "route", system: system.name, name: `${workload.ref.name}/${shown}` },
      lens: system.lens,
      platform: "compose",
      owner: workload.ref,
      leadsToOwner: true,
      edge: proxy.ref,
      host,
      place,
      ...around,
    };
  });
}

function settingsOf(container: Container, workload: Workload, proxy: Workload, system: System, place: Place) {
  const unseen = unseenFiles(proxy, system);
  const open = <T>(): Fact<T> => (unseen === undefined ? unstated(place) : unknown(unseen, place));
  const encrypted = textOf(variableOf(container, "LETSENCRYPT_HOST"));
  return {
    path: pathOf(container, place),
    target: targetOf(container, workload, system, place),
    audience: audienceOf(
      container,
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
  for (const container of system.containersOf(proxy)) {
    for (const { target, type } of system.ownedBy(container.ref, "mount")) {
      const path = knownValue(target);
      if (path === undefined) return "files are mounted where it is not seen";
      const isVolume = knownValue(type) === "volume" || knownValue(type) === "anonymous-volume";
      if (/^\/etc\/nginx\/htpasswd(?:\/|$)/.test(path)) return `\`${path}\` is mounted, and not read`;
      if (!isVolume && /^\/etc\/nginx(?:\/(?:vhost\.d|conf\.d|nginx\.conf|proxy\.conf)(?:\/|$)|\/?$)/.test(path))
        return `\`${path}\` is mounted, and not read`;
    }
  }
  return undefined;
}

function pathOf(container: Container, place: Place): Fact<string> {
  const variable = variableOf(container, "VIRTUAL_PATH");
  if (variable === undefined) return stated("/", place);
  const text = textOf(variable);
  return text === undefined
    ? unknown("`VIRTUAL_PATH` is not seen", variable.place)
    : stated(text || "/", variable.place);
}

function targetOf(container: Container, workload: Workload, system: System, place: Place): Route["target"] {
  const variable = variableOf(container, "VIRTUAL_PORT");
  const port = variable === undefined ? undefined : Number(textOf(variable));
  const at = variable?.place ?? place;
  if (port !== undefined) {
    return Number.isInteger(port) && port > 0 && port < 65_536
      ? stated({ workload: workload.ref, port: port }, at)
      : unknown("`VIRTUAL_PORT` is no port that is seen", at);
  }
  const ports = new Set(
    system.ownedBy(workload.ref, "listener").flatMap((listener) => knownValue(listener.port) ?? []),
  );
  const [only] = ports;
  // The image may expose others, which it counts too.
  if (ports.size === 1 && only !== undefined) return defaulted({ workload: workload.ref, port: only }, "image", at);
  if (ports.has(80)) return defaulted({ workload: workload.ref, port: 80 }, "image", at);
  return unknown("only the image tells its port", at);
}

const privateNetworks = ["127.0.0.0/8", "10.0.0.0/8", "192.168.0.0/16", "172.16.0.0/12"];

function audienceOf(container: Container, otherwise: Fact<Audience>): Fact<Audience> {
  const variable = variableOf(container, "NETWORK_ACCESS");
  if (variable === undefined) return otherwise;
  const text = textOf(variable);
  if (text === undefined) return unknown("`NETWORK_ACCESS` is not seen", variable.place);
  return text === "internal" ? stated({ kind: "networks", cidrs: privateNetworks }, variable.place) : otherwise;
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

function variableOf({ environment }: Container, name: string): EnvironmentVariable | undefined {
  return environment.items.findLast((variable) => variable.name === name);
}

function textOf(variable: EnvironmentVariable | undefined): string | undefined {
  return variable === undefined ? undefined : knownValue(variable.value)?.reveal().trim();
}
