/**
 * What Traefik's chart makes of its values: the arguments that it starts Traefik with, as far as they decide who comes in,
 * and the ports that it leads to.
 *
 * Source: traefik-helm-chart 37, `templates/_podtemplate.tpl`, `templates/_service.tpl` and `values.yaml` (the ports `web`
 * 8000, `websecure` 8443 with `tls.enabled` are exposed, `traefik` 8080 and `metrics` 9100 are not; both providers of
 * Kubernetes are on; a port that is null is left out).
 */
import { Sensitive } from "../../../../facts/sensitive.ts";
import type { CommandWord } from "../../../../facts/subjects.ts";
import { isTrue, type TreeNode } from "../../../../formats/tree.ts";
import type { Place } from "../../../../lib/place.ts";
import { entriesOf, isNothing, itemsOf, textAt, textOf, valueAt } from "../../load/nodes.ts";

interface Port {
  readonly name: string;
  /** Whether a Service leads to it: nobody outside comes to the others. */
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

/** Names of the ports that are led to. */
export function exposedPorts(values: TreeNode | undefined): ReadonlySet<string> {
  return new Set(portsOf(values).flatMap(({ name, isExposed }) => (isExposed ? [name] : [])));
}

/** Those ports as its container has them; undefined where one of them is not resolved. */
export function servedPorts(values: TreeNode | undefined): ReadonlySet<number> | undefined {
  const ports = portsOf(values).flatMap(({ isExposed, port }) => (isExposed ? [Number(port)] : []));
  return ports.every((port) => Number.isInteger(port)) ? new Set(ports) : undefined;
}

/** `place` is that of what the values say nothing of. */
export function chartArguments(values: TreeNode | undefined, place: Place): readonly CommandWord[] {
  const words = new Words(place);
  words.addAll(valueAt(values, "globalArguments"));
  for (const port of portsOf(values)) addPort(words, port, values);
  for (const provider of ["kubernetesCRD", "kubernetesIngress"]) addProvider(words, provider, values);
  if (isTrue(valueAt(values, "providers", "file", "enabled")))
    words.add("--providers.file.directory=", undefined, "/etc/traefik/dynamic");
  words.add("--api.insecure=", valueAt(values, "api", "insecure"));
  words.addAll(valueAt(values, "additionalArguments"));
  return words.all;
}

/** Arguments with the places of the values that they are made of. */
class Words {
  readonly all: CommandWord[] = [];
  readonly #place: Place;

  constructor(place: Place) {
    this.#place = place;
  }

  /** What stands at `node` after an option, or `text` where that is not written so. Nothing for nothing. */
  add(option: string, node: TreeNode | undefined, text = textOf(node)): void {
    const place = node?.place ?? this.#place;
    const why = node?.kind === "scalar" ? node.unresolved : undefined;
    if (why !== undefined) this.all.push({ text: new Sensitive(option), place, why });
    else if (text !== undefined) this.all.push({ text: new Sensitive(`${option}${text}`), place });
  }

  /** The arguments of a list; of one that is not all known, the name of its option. */
  addAll(list: TreeNode | undefined): void {
    for (const item of itemsOf(list)) {
      const isOpen = item.kind === "scalar" && item.unresolved !== undefined;
      this.add(isOpen ? (item.knownStart ?? String(item.value)) : "", item);
    }
  }

  addList(option: string, list: TreeNode | undefined): void {
    const items = itemsOf(list);
    const open = items.find((item) => item.kind === "scalar" && item.unresolved !== undefined);
    const texts = items.flatMap((item) => textOf(item) ?? []);
    if (open !== undefined) this.add(option, open);
    else if (texts.length > 0) this.add(option, list, texts.join(","));
  }
}

function portsOf(values: TreeNode | undefined): readonly Port[] {
  const own = new Map(entriesOf(valueAt(values, "ports")).map(({ key, value }) => [key, value] as const));
  const onNodes = isTrue(valueAt(values, "hostNetwork"));
  return [...new Set([...usual.keys(), ...own.keys()])].flatMap((name): readonly Port[] => {
    const node = own.get(name);
    if (node !== undefined && isNothing(node)) return [];
    const standard = usual.get(name);
    const switched = valueAt(tlsOf(node), "enabled");
    const isUsual = name === "web" || name === "websecure";
    return [
      {
        name,
        isExposed: onNodes || !isNothing(valueAt(node, "hostPort")) || isExposed(node, isUsual),
        node,
        port: textAt(node, "port") ?? standard?.port,
        isEncrypted: switched === undefined ? standard?.isEncrypted === true : isTrue(switched),
      },
    ];
  });
}

/** `expose` was true or false up to chart 26, and is one of both for each Service since. What is open may be exposed. */
function isExposed(node: TreeNode | undefined, otherwise: boolean): boolean {
  const expose = valueAt(node, "expose");
  if (expose?.kind === "mapping") {
    const own = entriesOf(expose).map(({ value }) => value);
    return valueAt(expose, "default") === undefined ? otherwise || own.some(mayBeOn) : own.some(mayBeOn);
  }
  return expose === undefined ? otherwise : mayBeOn(expose);
}

function mayBeOn(node: TreeNode): boolean {
  return isTrue(node) || (node.kind === "scalar" && node.unresolved !== undefined);
}

/** From chart 38 on what is of HTTP stands below `http`. */
function ofHttp(node: TreeNode | undefined, key: string): TreeNode | undefined {
  return valueAt(node, "http", key) ?? valueAt(node, key);
}

function tlsOf(node: TreeNode | undefined): TreeNode | undefined {
  return ofHttp(node, "tls");
}

function addPort(words: Words, { name, node, port, isEncrypted }: Port, values: TreeNode | undefined): void {
  const written = valueAt(node, "port");
  if (port === undefined && written === undefined) return;
  const option = `--entryPoints.${name}`;
  const protocol = textAt(node, "protocol")?.toLowerCase() === "udp" ? "udp" : "tcp";
  words.add(`${option}.address=`, written, `:${port ?? ""}/${protocol}`);
  if (isTrue(valueAt(node, "asDefault"))) words.add(`${option}.asDefault=`, undefined, "true");
  if (isEncrypted) {
    words.add(`${option}.http.tls=`, undefined, "true");
    for (const key of ["options", "certResolver"]) {
      const chosen = valueAt(tlsOf(node), key);
      if (textOf(chosen) !== "") words.add(`${option}.http.tls.${key}=`, chosen);
    }
  }
  words.addList(`${option}.http.middlewares=`, ofHttp(node, "middlewares"));
  addRedirection(words, option, node, values);
  for (const key of ["forwardedHeaders", "proxyProtocol"]) {
    words.addList(`${option}.${key}.trustedIPs=`, valueAt(node, key, "trustedIPs"));
    const all = valueAt(node, key, "insecure");
    if (all !== undefined && mayBeOn(all)) words.add(`${option}.${key}.insecure=`, all);
  }
}

/** Up to chart 33 `redirectTo` names the port, alone or as `port`. */
function addRedirection(words: Words, option: string, node: TreeNode | undefined, values: TreeNode | undefined): void {
  const entryPoint = valueAt(ofHttp(node, "redirections"), "entryPoint");
  const older = valueAt(node, "redirectTo");
  const target = valueAt(entryPoint, "to") ?? valueAt(older, "port") ?? older;
  const to = textOf(target);
  if (to === undefined) return;
  const exposed = textAt(values, "ports", to, "exposedPort") ?? usual.get(to)?.exposed ?? "443";
  const scheme = valueAt(entryPoint, "scheme");
  const own = `${option}.http.redirections.entryPoint`;
  words.add(`${own}.to=`, target, `:${exposed}`);
  words.add(`${own}.scheme=`, scheme, textOf(scheme) ?? "https");
}

function addProvider(words: Words, key: string, values: TreeNode | undefined): void {
  const enabled = valueAt(values, "providers", key, "enabled");
  if (enabled === undefined || mayBeOn(enabled)) words.add(`--providers.${key.toLowerCase()}=`, enabled, "true");
}
