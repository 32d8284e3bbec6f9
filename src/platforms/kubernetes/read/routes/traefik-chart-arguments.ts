/**
 * What Traefik's chart makes of its values: the arguments that it starts Traefik with, as far as they decide who comes in.
 *
 * Source: traefik-helm-chart 37, `templates/_podtemplate.tpl` and `values.yaml` (the ports `web` 8000, `websecure` 8443 with
 * `tls.enabled` are exposed, `traefik` 8080 and `metrics` 9100 are not; both providers of Kubernetes are on; a port that is null is left out).
 */
import { isTrue, type TreeNode } from "../../../../formats/tree.ts";
import { entriesOf, isNothing, itemsOf, textAt, textOf, valueAt } from "../../load/nodes.ts";

interface Port {
  readonly name: string;
  /** Whether its Service leads to it: nobody outside comes to the others. */
  readonly isExposed: boolean;
  /** Undefined for one that the values say nothing of. */
  readonly node: TreeNode | undefined;
  readonly port: string | undefined;
  readonly isEncrypted: boolean;
}

const usual: ReadonlyMap<string, { readonly port: string; readonly exposed: string; readonly isEncrypted: boolean }> =
  new Map([
    ["web", { port: "8000", exposed: "80", isEncrypted: false }],
    ["websecure", { port: "8443", exposed: "443", isEncrypted: true }],
    ["traefik", { port: "8080", exposed: "8080", isEncrypted: false }],
    ["metrics", { port: "9100", exposed: "9100", isEncrypted: false }],
  ]);

/** `ofAll`: also the ports that nobody outside comes to. */
export function chartArguments(values: TreeNode | undefined, ofAll: boolean): readonly string[] {
  const insecure = textAt(values, "api", "insecure");
  return [
    ...textsAt(values, "globalArguments"),
    ...portsOf(values).flatMap((port) => (ofAll || port.isExposed ? portArguments(port, values) : [])),
    ...["kubernetescrd", "kubernetesingress"].flatMap((provider) => providerArguments(provider, values)),
    ...(isTrue(valueAt(values, "providers", "file", "enabled"))
      ? ["--providers.file.directory=/etc/traefik/dynamic"]
      : []),
    ...(insecure === undefined ? [] : [`--api.insecure=${insecure}`]),
    ...textsAt(values, "additionalArguments"),
  ];
}

function textsAt(values: TreeNode | undefined, key: string): readonly string[] {
  return itemsOf(valueAt(values, key)).flatMap((item) => textOf(item) ?? []);
}

function portsOf(values: TreeNode | undefined): readonly Port[] {
  const own = new Map(entriesOf(valueAt(values, "ports")).map(({ key, value }) => [key, value] as const));
  return [...new Set([...usual.keys(), ...own.keys()])].flatMap((name): readonly Port[] => {
    const node = own.get(name);
    if (node !== undefined && isNothing(node)) return [];
    const standard = usual.get(name);
    const switched = valueAt(tlsOf(node), "enabled");
    return [
      {
        name,
        isExposed: isExposed(node, standard !== undefined && (name === "web" || name === "websecure")),
        node,
        port: textAt(node, "port") ?? standard?.port,
        isEncrypted: switched === undefined ? standard?.isEncrypted === true : isTrue(switched),
      },
    ];
  });
}

/** `expose` was true or false up to chart 26, and is one of both for each Service since. */
function isExposed(node: TreeNode | undefined, otherwise: boolean): boolean {
  const expose = valueAt(node, "expose");
  if (expose?.kind === "mapping") {
    const own = entriesOf(expose).map(({ value }) => value);
    return valueAt(expose, "default") === undefined ? otherwise || own.some(isTrue) : own.some(isTrue);
  }
  return expose === undefined ? otherwise : isTrue(expose);
}

/** From chart 38 on what is of HTTP stands below `http`. */
function ofHttp(node: TreeNode | undefined, key: string): TreeNode | undefined {
  return valueAt(node, "http", key) ?? valueAt(node, key);
}

function tlsOf(node: TreeNode | undefined): TreeNode | undefined {
  return ofHttp(node, "tls");
}

function portArguments({ name, node, port, isEncrypted }: Port, values: TreeNode | undefined): readonly string[] {
  if (port === undefined) return [];
  const option = `--entryPoints.${name}`;
  const protocol = textAt(node, "protocol")?.toLowerCase() === "udp" ? "udp" : "tcp";
  const tls = ["options", "certResolver"].flatMap((key) => {
    const text = textAt(tlsOf(node), key);
    return text === undefined || text === "" ? [] : [`${option}.http.tls.${key}=${text}`];
  });
  const middlewares = itemsOf(ofHttp(node, "middlewares")).flatMap((item) => textOf(item) ?? []);
  return [
    `${option}.address=:${port}/${protocol}`,
    ...(isTrue(valueAt(node, "asDefault")) ? [`${option}.asDefault=true`] : []),
    ...(isEncrypted ? [`${option}.http.tls=true`, ...tls] : []),
    ...(middlewares.length === 0 ? [] : [`${option}.http.middlewares=${middlewares.join(",")}`]),
    ...redirection(option, node, values),
    ...["forwardedHeaders", "proxyProtocol"].flatMap((key) => trusted(`${option}.${key}`, valueAt(node, key))),
  ];
}

/** Up to chart 33 `redirectTo` names the port, alone or as `port`. */
function redirection(option: string, node: TreeNode | undefined, values: TreeNode | undefined): readonly string[] {
  const entryPoint = valueAt(ofHttp(node, "redirections"), "entryPoint");
  const older = valueAt(node, "redirectTo");
  const to = textAt(entryPoint, "to") ?? textAt(older, "port") ?? textOf(older);
  if (to === undefined) return [];
  const exposed = textAt(values, "ports", to, "exposedPort") ?? usual.get(to)?.exposed ?? "443";
  const scheme = textAt(entryPoint, "scheme") ?? "https";
  const own = `${option}.http.redirections.entryPoint`;
  return [`${own}.to=:${exposed}`, `${own}.scheme=${scheme}`];
}

function trusted(option: string, node: TreeNode | undefined): readonly string[] {
  const addresses = itemsOf(valueAt(node, "trustedIPs")).flatMap((item) => textOf(item) ?? []);
  return [
    ...(addresses.length === 0 ? [] : [`${option}.trustedIPs=${addresses.join(",")}`]),
    ...(isTrue(valueAt(node, "insecure")) ? [`${option}.insecure=true`] : []),
  ];
}

function providerArguments(provider: string, values: TreeNode | undefined): readonly string[] {
  const key = provider === "kubernetescrd" ? "kubernetesCRD" : "kubernetesIngress";
  const enabled = valueAt(values, "providers", key, "enabled");
  return enabled === undefined || isTrue(enabled) ? [`--providers.${provider}=true`] : [];
}
