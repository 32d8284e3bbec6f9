import { literal } from "./render-scalars.ts";
import { mapping, type YamlEntry, type YamlNode } from "./render-yaml.ts";
import type { ComposeNetwork, ComposeSecretFile, ComposeVolume } from "./resources.ts";

/** One network of `compose.yaml`, with its purpose above it. */
export function renderNetwork(network: ComposeNetwork): YamlEntry {
  return {
    key: network.key,
    comment: network.purpose,
    value: mapping({
      name: literal(network.name),
      driver: "bridge",
      driver_opts: record(network.driverOptions),
      internal: network.internal,
      enable_ipv6: false,
      ipam: mapping({ config: [mapping({ subnet: network.subnet, gateway: network.gateway })] }),
      labels: record(network.labels),
    }),
  };
}

/** One volume. Its owner is set by `up`; Compose has no word for it. */
export function renderVolume(volume: ComposeVolume): YamlEntry {
  const owner = `${volume.uid}:${volume.gid}, mode ${volume.mode.toString(8).padStart(4, "0")}`;
  return {
    key: volume.key,
    comment: `Used by ${volume.usedBy.join(", ")}; owned by ${owner}.`,
    value: mapping({ name: literal(volume.name), labels: record(volume.labels) }),
  };
}

/** One secret that is mounted by itself: where its file lies on the host. Compose passes over uid, gid and mode, so the file itself has them. */
export function renderSecret(file: ComposeSecretFile): YamlEntry {
  return { key: file.key, value: mapping({ file: literal(file.path) }) };
}

function record(values: Readonly<Record<string, string>>): YamlNode {
  return mapping(Object.fromEntries(Object.entries(values).map(([key, value]) => [key, literal(value)])));
}
