import { groupAndVersion } from "./kustomize/resource.ts";
import { isOfCluster } from "./objects-in.ts";

/** What a file's text says of its objects without being parsed: enough to tell who comes into question for what. */
export interface Glance {
  readonly objects: readonly GlancedObject[];
  /** Whether a Flux Kustomization is among them. */
  readonly isFlux: boolean;
  /** Whether one of them applies further manifests: a Flux Kustomization, an Argo CD Application or ApplicationSet. */
  readonly delivers: boolean;
}

export interface GlancedObject {
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
}

/** Files of other programs that are YAML or JSON, and large and many. */
const others =
  /(?:^|\/)(?:package(?:-lock)?|tsconfig[^/]*|composer|renovate|pnpm-lock|\.eslintrc|angular)\.(?:json|ya?ml)$/;

export function mayHoldObjects(path: string): boolean {
  return (/\.(?:ya?ml|json)$/i.test(path) || /(?:^|\/)Kustomization$/.test(path)) && !others.test(path);
}

export function glanceAt(path: string, text: string): Glance {
  if (!text.includes("apiVersion")) return { objects: forgottenIn(text), isFlux: false, delivers: false };
  const objects = /\.json$/i.test(path) || /^\s*\{/.test(text) ? inJson(text) : inYaml(text);
  const has = (group: string, kinds: readonly string[]): boolean =>
    text.includes(group) && objects.some(({ kind }) => kinds.includes(kind));
  const isFlux = has("kustomize.toolkit.fluxcd.io/", ["Kustomization"]);
  return { objects, isFlux, delivers: isFlux || has("argoproj.io/", ["Application", "ApplicationSet"]) };
}

const podKind =
  /^kind:[ \t]*["']?(Pod|Deployment|StatefulSet|DaemonSet|ReplicaSet|Job|CronJob)["']?[ \t]*(?:#.*)?\r?$/m;

/** Pods of which only the `apiVersion` was forgotten: nothing of them runs, which is said where the file is read. */
function forgottenIn(text: string): readonly GlancedObject[] {
  if (!text.includes("containers:") || !/^metadata:/m.test(text)) return [];
  const [, kind] = podKind.exec(text) ?? [];
  return kind === undefined ? [] : [{ kind, name: "", namespace: "" }];
}

/** JSON is a single object nearly always; of a list the first speaks for all. */
function inJson(text: string): readonly GlancedObject[] {
  const value = (key: string): string => new RegExp(`"${key}"\\s*:\\s*"([^"]*)"`).exec(text)?.[1] ?? "";
  const kind = value("kind");
  const object = { kind, name: value("name"), namespace: value("namespace") };
  return kind !== "" && isObject(value("apiVersion"), kind) ? [object] : [];
}

function isObject(apiVersion: string, kind: string): boolean {
  const { group, version } = groupAndVersion(apiVersion);
  return version !== "" && isOfCluster(group, version, kind);
}

const rootKey = /^["']?(apiVersion|kind|metadata|items)["']?[ \t]*:[ \t]*(.*)$/;
const metadataKey = /^[ \t]+["']?(name|namespace)["']?[ \t]*:[ \t]*(.*)$/;

/** Goes through the lines once: keys at the line's start, and of `metadata` what is indented below it. */
function inYaml(text: string): readonly GlancedObject[] {
  const objects: GlancedObject[] = [];
  let found = new Map<string, string>();
  let section = "";
  const end = (): void => {
    const kind = found.get("kind") ?? "";
    if (kind !== "" && isObject(found.get("apiVersion") ?? "", kind)) {
      objects.push({ kind, name: found.get("name") ?? "", namespace: found.get("namespace") ?? "" });
    }
    found = new Map();
  };
  for (const line of text.split("\n")) {
    if (line.startsWith("---")) {
      end();
      section = "";
      continue;
    }
    const first = line.charCodeAt(0);
    if (first === 32 || first === 9) {
      const inner = section === "metadata" ? metadataKey.exec(line) : null;
      if (inner !== null && !found.has(inner[1] ?? "")) found.set(inner[1] ?? "", plain(inner[2] ?? ""));
      continue;
    }
    const root = rootKey.exec(line);
    if (root === null) {
      if (first !== 35 && first !== 13 && !Number.isNaN(first)) section = "";
      continue;
    }
    section = root[1] ?? "";
    if (section === "kind" || section === "apiVersion") found.set(section, plain(root[2] ?? ""));
    else if (section === "metadata") inFlow(root[2] ?? "", found);
  }
  end();
  return objects;
}

/** `metadata: {name: a}`. */
function inFlow(text: string, found: Map<string, string>): void {
  for (const key of ["name", "namespace"]) {
    const match = new RegExp(`[{,][ \\t]*["']?${key}["']?[ \\t]*:[ \\t]*([^,}]*)`).exec(text);
    if (match !== null) found.set(key, plain(match[1] ?? ""));
  }
}

/** A scalar without quotes, and without the comment behind it. */
function plain(text: string): string {
  const cut = text.replace(/(?:^|[ \t])#.*$/, "").trim();
  return /^(["']).*\1$/.test(cut) ? cut.slice(1, -1) : cut;
}
