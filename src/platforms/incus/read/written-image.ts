import { type Fact, knownValue, stated, unknown, unstated } from "../../../facts/fact.ts";
import { asText, Fields } from "../../../formats/fields.ts";
import type { TreeNode } from "../../../formats/tree.ts";
import type { Place } from "../../../lib/place.ts";
import { blocks, namesIn } from "../load/nodes.ts";
import type { IncusObject, IncusObjects } from "../load/objects.ts";

/** Where an instance's image comes from. */
export interface WrittenImage {
  /** As written: `docker:library/caddy:2.11`. */
  readonly text: string;
  /** The remote that stands before the first colon; empty for an image of the server's own. */
  readonly remote: string;
  /** What follows it. */
  readonly name: string;
  /** Whether the remote is a registry of OCI images. */
  readonly oci: boolean;
  /** Host name of the registry; undefined where the remote is described elsewhere. */
  readonly registry: string | undefined;
  /** Why the name is only part of the truth: a variable in it. */
  readonly doubt: string | undefined;
}

/** Image servers that every installation knows, and names that people give to registries. */
const imageServers = new Set(["images", "ubuntu", "ubuntu-daily", "ubuntu-minimal", "ubuntu-minimal-daily", "local"]);
const registries: readonly (readonly [name: RegExp, host: string])[] = [
  [/^(?:oci-)?docker(?:hub|io|\.io)?$/, "docker.io"],
  [/^(?:oci-)?(?:ghcr|github|ghcrio|ghcr\.io)$/, "ghcr.io"],
  [/^(?:oci-)?(?:quay|quayio|quay\.io)$/, "quay.io"],
  [/^(?:oci-)?(?:gitlab|registry\.gitlab\.com)$/, "registry.gitlab.com"],
  [/^(?:oci-)?(?:gcr|gcr\.io)$/, "gcr.io"],
  [/^(?:oci-)?lscr(?:\.io)?$/, "lscr.io"],
];

/**
 * The image of an instance: as it is written, or that of the `incus_image` which it is taken from. Unstated for one that
 * is made of a backup or of another instance.
 */
export function writtenImage(object: IncusObject, objects: IncusObjects): Fact<WrittenImage> {
  const node = object.fields.node("image");
  if (node === undefined) {
    if (object.fields.hidden !== undefined) return unknown(object.fields.hidden, object.resource.place);
    return unstated(object.fields.keyPlace("image"));
  }
  const made = objects.at(namesIn(node), "image") ?? objects.dataAt(namesIn(node), "image");
  if (made !== undefined) return imageOf(made, objects, node.place);
  return parsed(node, objects);
}

function parsed(node: TreeNode, objects: IncusObjects): Fact<WrittenImage> {
  if (node.kind !== "scalar") return unknown("`image` is not a text", node.place);
  if (node.unresolved !== undefined && (typeof node.value !== "string" || !/^[\w.-]+:/.test(node.value))) {
    return unknown(node.unresolved, node.place);
  }
  return stated(described(String(node.value), objects, node.unresolved), node.place);
}

function described(text: string, objects: IncusObjects, doubt: string | undefined): WrittenImage {
  const colon = text.indexOf(":");
  const remote = colon === -1 ? "" : text.slice(0, colon);
  const name = colon === -1 ? text : text.slice(colon + 1);
  const declared = remotes(objects).get(remote);
  const guessed = registries.find(([pattern]) => pattern.test(remote))?.[1];
  const oci =
    declared?.protocol === undefined
      ? guessed !== undefined || (remote !== "" && !imageServers.has(remote) && /[^:]:[\w][\w.-]*$|@sha256:/.test(name))
      : declared.protocol === "oci";
  return { text, remote, name, oci, registry: declared?.host ?? guessed, doubt };
}

/** An `incus_image`, or LXD's `lxd_cached_image`: what it was copied from. */
function imageOf({ fields, resource }: IncusObject, objects: IncusObjects, place: Place): Fact<WrittenImage> {
  const [source] = blocks(resource.attributes.entries.get("source_image")?.value).items;
  const of = source === undefined ? fields : Fields.of(source, resource.place, "source_image");
  const remote = of.fact(source === undefined ? "source_remote" : "remote", asText, "a text", unstated);
  const name = of.fact(source === undefined ? "source_image" : "name", asText, "a text", unstated);
  if (remote.kind === "unknown") return remote;
  if (name.kind === "unknown") return name;
  const known = knownValue(name);
  if (known === undefined) return unstated(place);
  const from = knownValue(remote);
  return stated(described(from === undefined ? known : `${from}:${known}`, objects, undefined), name.place);
}

interface Remote {
  readonly protocol: string | undefined;
  readonly host: string | undefined;
}

const cache = new WeakMap<IncusObjects, ReadonlyMap<string, Remote>>();

/** The remotes that the provider is told of. */
function remotes(objects: IncusObjects): ReadonlyMap<string, Remote> {
  const known = cache.get(objects);
  if (known !== undefined) return known;
  const found = new Map<string, Remote>();
  for (const provider of objects.configuration.providers) {
    if (provider.name !== "incus" && provider.name !== "lxd") continue;
    for (const block of blocks(provider.attributes.entries.get("remote")?.value).items) {
      const fields = Fields.of(block, provider.place, "remote");
      const name = knownValue(fields.fact("name", asText, "a text", unstated));
      const address = knownValue(fields.fact("address", asText, "a text", unstated));
      const protocol = knownValue(fields.fact("protocol", asText, "a text", unstated));
      if (name !== undefined) found.set(name, { protocol, host: /^https?:\/\/([^/:]+)/.exec(address ?? "")?.[1] });
    }
  }
  cache.set(objects, found);
  return found;
}
