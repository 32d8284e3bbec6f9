import { defaulted, type Fact, knownValue, stated, unknown, unstated } from "../../facts/fact.ts";
import type { Mount, MountKind } from "../../facts/subjects.ts";
import { asBoolean, asText, Fields, type ScalarParser } from "../../formats/fields.ts";
import type { TreeNode } from "../../formats/tree.ts";
import { beforeAssignment } from "../../lib/before-assignment.ts";
import type { Place } from "../../lib/place.ts";
import type { ServiceContext } from "./read-context.ts";
import { parseVolumesFrom } from "./read-extension.ts";
import { containerRef, mountRef } from "./refs.ts";

type MountFacts = Pick<Mount, "type" | "source" | "target" | "readOnly" | "propagation" | "place">;

/** Everything mounted into a service: `volumes`, `tmpfs`, `configs`, `volumes_from`, `use_api_socket`. */
export function readMounts(context: ServiceContext): readonly Mount[] {
  return [
    ...members(context, "volumes", (node) => volumeMount(context, node)),
    ...members(context, "tmpfs", tmpfsMount),
    ...members(context, "configs", (node) => configMount(context, node)),
    ...volumesFrom(context, new Set([context.service])),
    ...apiSocketMount(context),
  ].map((facts) => asMount(context, facts));
}

function asMount({ system, service, lens }: ServiceContext, facts: MountFacts): Mount {
  const target = knownValue(facts.target) ?? "?";
  return {
    kind: "mount",
    ref: mountRef(system, service, target),
    lens,
    platform: "compose",
    owner: containerRef(system, service),
    ...facts,
  };
}

/** The entries of a list, one unknown mount for those that may be missing. */
function members(
  { fields, place }: { readonly fields: Fields; readonly place: Place },
  key: string,
  read: (node: TreeNode) => MountFacts | undefined,
): readonly MountFacts[] {
  const node = fields.node(key);
  if (node === undefined) return fields.hidden === undefined ? [] : [unknownMount(fields.hidden, place)];
  if (node.kind === "mapping") return [unknownMount(`\`${key}\` is not a list`, node.place)];
  if (node.kind === "scalar") {
    const one = node.unresolved === undefined ? read(node) : unknownMount(node.unresolved, node.place);
    return one === undefined ? [] : [one];
  }
  const mounts = node.items.flatMap((item) => {
    if (item.kind === "scalar" && item.unresolved !== undefined) return [unknownMount(item.unresolved, item.place)];
    return read(item) ?? [];
  });
  return node.incomplete === undefined ? mounts : [...mounts, unknownMount(node.incomplete, node.place)];
}

function unknownMount(why: string, place: Place): MountFacts {
  return {
    place,
    type: unknown(why, place),
    source: unknown(why, place),
    target: unknown(why, place),
    readOnly: unknown(why, place),
    propagation: unknown(why, place),
  };
}

function volumeMount(context: ServiceContext, node: TreeNode): MountFacts {
  if (node.kind !== "mapping") return unknownMount("an entry of `volumes` is not a mount", node.place);
  const fields = Fields.of(node, node.place, "volumes");
  const source = fields.fact("source", asText, "a text", unstated);
  const kind = fields.fact("type", asMountKind, "a kind of mount", unstated);
  const target = fields.fact("target", asText, "a path", unstated);
  const facts: MountFacts = {
    place: node.place,
    type: kind.kind === "stated" && kind.value === "volume" ? volumeKind(source, kind.place) : kind,
    source,
    target,
    readOnly: fields.fact("read_only", asBoolean, "true or false", (at) => defaulted(false, "platform", at)),
    propagation: fields
      .fields("bind")
      .fact("propagation", asText, "a text", (at) => defaulted("rprivate", "platform", at)),
  };
  return knownValue(kind) === "volume" ? throughVolume(context, facts, source) : facts;
}

function volumeKind(source: Fact<string>, place: Place): Fact<MountKind> {
  if (source.kind === "unknown") return stated("volume", place);
  const name = knownValue(source);
  return stated(name === undefined || name === "" ? "anonymous-volume" : "volume", place);
}

const asMountKind: ScalarParser<MountKind> = (node) => {
  switch (asText(node)) {
    case "bind":
      return "bind";
    case "volume":
      return "volume";
    case "tmpfs":
      return "tmpfs";
    case "npipe":
    case "cluster":
    case "image":
      return "other";
    default:
      return undefined;
  }
};

/**
 * A named volume of the `local` driver with `o: bind` is a bind of `device`, and is told as one: it opens the host's
 * folder just the same.
 */
function throughVolume({ root }: ServiceContext, facts: MountFacts, source: Fact<string>): MountFacts {
  const name = knownValue(source);
  const volumes = root.fields("volumes");
  const declared = name === undefined ? undefined : volumes.entry(name);
  if (declared === undefined) return facts;
  const options = Fields.of(declared.value, declared.keyPlace, declared.key).fields("driver_opts");
  if (options.hidden !== undefined) {
    return { ...facts, type: unknown(options.hidden, options.place), source: unknown(options.hidden, options.place) };
  }
  const how = options.fact("o", asText, "a text", unstated);
  const device = options.fact("device", asText, "a path", unstated);
  if (how.kind === "unknown") return { ...facts, type: how, source: device };
  if (how.kind !== "stated" || !/(?:^|,)r?bind(?:,|$)/.test(how.value)) return facts;
  const readOnly = /(?:^|,)ro(?:,|$)/.test(how.value) ? stated(true, how.place) : facts.readOnly;
  return { ...facts, type: stated("bind", how.place), source: device, readOnly };
}

/** `/run:size=10m,ro`. */
function tmpfsMount(node: TreeNode): MountFacts | undefined {
  const text = node.kind === "scalar" ? asText(node) : undefined;
  if (text === undefined) return unknownMount("an entry of `tmpfs` is not a text", node.place);
  const [target = "", options = ""] = text.split(":");
  return {
    place: node.place,
    type: stated("tmpfs", node.place),
    source: unstated(node.place),
    target: stated(target, node.place),
    readOnly: options.split(",").includes("ro") ? stated(true, node.place) : defaulted(false, "platform", node.place),
    propagation: defaulted("rprivate", "platform", node.place),
  };
}

/** A config is a file of the host, or a text, mounted read-only. */
function configMount({ root }: ServiceContext, node: TreeNode): MountFacts | undefined {
  const fields = Fields.of(node, node.place, "configs");
  const named =
    node.kind === "scalar" ? stated(asText(node) ?? "", node.place) : fields.fact("source", asText, "a text", unstated);
  const name = knownValue(named);
  const config = root.fields("configs").fields(name ?? "");
  const file = config.fact("file", asText, "a path", unstated);
  const target = fields.fact("target", asText, "a path", (at) => defaulted(`/${name ?? "?"}`, "platform", at));
  return {
    place: node.place,
    type: file.kind === "unstated" ? stated("other", node.place) : stated("bind", file.place),
    source: named.kind === "unknown" ? named : file,
    target,
    readOnly: defaulted(true, "platform", node.place),
    propagation: defaulted("rprivate", "platform", node.place),
  };
}

/** The mounts of another service, read-only where that is asked; those of a container outside the project are unknown. */
function volumesFrom(context: ServiceContext, seen: ReadonlySet<string>): readonly MountFacts[] {
  return members(context, "volumes_from", () => undefined).concat(
    sourcesOf(context).flatMap(({ name, readOnly, place }): readonly MountFacts[] => {
      if (seen.has(name)) return [];
      const entry = context.services.entry(name);
      if (entry === undefined)
        return [
          unknownMount(`\`volumes_from\` names \`${beforeAssignment(name)}\`, which nothing here describes`, place),
        ];
      const other: ServiceContext = {
        ...context,
        service: name,
        fields: Fields.of(entry.value, entry.keyPlace, entry.key),
        place: entry.keyPlace,
      };
      const theirs = [
        ...members(other, "volumes", (node) => volumeMount(other, node)),
        ...volumesFrom(other, new Set([...seen, name])),
      ];
      return theirs.map((mount) => ({ ...mount, place, ...(readOnly ? { readOnly: stated(true, place) } : {}) }));
    }),
  );
}

function sourcesOf({ fields }: ServiceContext) {
  const node = fields.node("volumes_from");
  if (node?.kind !== "sequence") return [];
  return node.items.flatMap((item) => {
    const text = item.kind === "scalar" && item.unresolved === undefined ? asText(item) : undefined;
    return text === undefined ? [] : [parseVolumesFrom(text, item.place).value];
  });
}

/** `use_api_socket: true` mounts the engine's socket. */
function apiSocketMount({ fields }: ServiceContext): readonly MountFacts[] {
  const used = fields.fact("use_api_socket", asBoolean, "true or false", (at) => defaulted(false, "platform", at));
  if (used.kind === "unknown") return [unknownMount(used.why, used.place)];
  if (knownValue(used) !== true) return [];
  return [
    {
      place: used.place,
      type: stated("bind", used.place),
      source: defaulted("/var/run/docker.sock", "platform", used.place),
      target: defaulted("/var/run/docker.sock", "platform", used.place),
      readOnly: defaulted(false, "platform", used.place),
      propagation: defaulted("rprivate", "platform", used.place),
    },
  ];
}
