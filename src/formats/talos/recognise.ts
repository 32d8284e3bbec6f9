import type { TalosConfiguration } from "../../facts/configuration/talos.ts";

const machineKeys =
  "type|token|ca|acceptedCAs|certSANs|controlPlane|kubelet|pods|network|disks|install|files|env|time|sysctls|sysfs|registries|systemDiskEncryption|features|udev|logging|kernel|seccompProfiles|baseRuntimeSpecOverrides|nodeLabels|nodeAnnotations|nodeTaints";
const clusterKeys =
  "id|secret|controlPlane|clusterName|network|token|aescbcEncryptionSecret|secretboxEncryptionSecret|ca|acceptedCAs|aggregatorCA|serviceAccount|apiServer|controllerManager|proxy|scheduler|discovery|etcd|coreDNS|externalCloudProvider|extraManifests|extraManifestHeaders|inlineManifests|adminKubeconfig|allowSchedulingOnControlPlanes|allowSchedulingOnMasters";

/** A key at the beginning of a line, and one of Talos's own below it. Lines between are empty, comments, or a template's. */
const section = (key: string, below: string) =>
  new RegExp(`^${key}:[ \\t]*(?:#.*)?\\r?\\n(?:[ \\t]*(?:[#{].*)?\\r?\\n)*[ \\t]+(?:${below}):`, "m");
const machine = section("machine", machineKeys);
const cluster = section("cluster", clusterKeys);
/** Talos's documents have its version alone, where a Kubernetes object's core version is `v1`. */
const documentVersion = /^apiVersion:[ \t]*["']?v1alpha1["']?[ \t]*(?:#.*)?\r?$/m;
const documentKind = /^kind:[ \t]*["']?(?:[A-Za-z0-9]+Config|KubeSpanEndpoints)["']?[ \t]*(?:#.*)?\r?$/m;

const forms: readonly (readonly [TalosConfiguration["form"], (text: string) => boolean])[] = [
  [
    "talhelper",
    (text) => /^clusterName:/m.test(text) && /^nodes:/m.test(text) && /^(?:talosVersion|endpoint):/m.test(text),
  ],
  ["secrets", (text) => /^trustdinfo:/m.test(text) && /^certs:/m.test(text)],
  [
    "client",
    (text) => /^context:/m.test(text) && /^contexts:/m.test(text) && /^[ \t]+(?:ca|crt|endpoints):/m.test(text),
  ],
  [
    "schematic",
    (text) => /^customization:/m.test(text) && /^[ \t]+(?:extraKernelArgs|systemExtensions|secureboot):/m.test(text),
  ],
  [
    "machine",
    (text) => (documentVersion.test(text) && documentKind.test(text)) || machine.test(text) || cluster.test(text),
  ],
];

/** What of Talos's files a text is, told by patterns; undefined for any other text. */
export function talosForm(text: string): TalosConfiguration["form"] | undefined {
  return forms.find(([, matches]) => matches(text))?.[0];
}

/** YAML, or a template of it; and talosctl's own file, which has no ending. */
export function mayBeTalos(path: string): boolean {
  return /\.ya?ml(?:\.(?:j2|jinja2?|tmpl|tpl|gotmpl|minijinja))?$|(?:^|[/.])talosconfig$/i.test(path);
}
