import { gunzipSync } from "node:zlib";
import { isBoothook, isCloudConfig, isShellScript } from "../../formats/cloud-init/document.ts";
import { isOfParts } from "../../formats/cloud-init/parts.ts";
import type { TofuConfiguration } from "../../formats/hcl/module/configuration.ts";
import { child, type ScalarNode, type TreeNode } from "../../formats/tree.ts";
import type { Place, Source } from "../../lib/place.ts";

/** A text for cloud-init that somebody is given. */
export interface HandedText {
  /** `hcloud_server.web`, `module.asg` */
  readonly to: string;
  /** The argument that holds it, or an encoding of it. */
  readonly node: TreeNode & { readonly file?: Source };
  readonly text: string;
  /** Where each of its lines stands; absent where that is to be found out. */
  readonly lines?: readonly Place[];
}

/**
 * The texts for cloud-init among what resources, and modules that are not seen here, are given: a `#cloud-config` under
 * whatever name, and scripts and texts of parts under a name that says what they are for. And the commands of provisioners,
 * which run once a machine is there (developer.hashicorp.com/terraform/language/provisioners, "remote-exec").
 */
export function handedTexts(
  { resources, unseen }: TofuConfiguration,
  isRead: (type: string) => boolean,
): readonly HandedText[] {
  const others = resources.filter(({ mode, type }) => !isRead(type) && !(mode === "data" && type === "template_file"));
  const given = [...others.filter(({ type }) => !ofParts.test(type)), ...unseen];
  const texts = given.flatMap(({ address, attributes }) => {
    const found: HandedText[] = [];
    eachScalar(attributes, "", (key, node) => {
      const text = startIn(node, forFirstStart.test(key));
      if (text !== undefined) found.push({ to: address, node, text });
    });
    return found;
  });
  const parts = others
    .filter(({ type }) => ofParts.test(type))
    .flatMap(({ address, attributes }) => partsIn(address, attributes.entries.get("part")?.value));
  const commands = resources.flatMap(({ address, steps }) =>
    steps.flatMap(({ kind, attributes }) =>
      kind === "remote-exec" ? inline(`${address} remote-exec`, attributes.entries.get("inline")?.value) : [],
    ),
  );
  return [...texts, ...parts, ...commands];
}

/** `cloudinit_config`, and what it was called before it had a provider of its own. */
const ofParts = /^(?:template_)?cloudinit_config$/;

/** Parts of a message: one that is said to be a `#cloud-config` need not begin with that. */
function partsIn(to: string, parts: TreeNode | undefined): readonly HandedText[] {
  if (parts?.kind !== "sequence") return [];
  return parts.items.flatMap((part) => {
    const node = child(part, "content");
    if (node?.kind !== "scalar" || typeof node.value !== "string" || node.place.kind !== "file") return [];
    const type = child(part, "content_type");
    const isConfig = type?.kind === "scalar" && /^text\/cloud-config\b/.test(String(type.value));
    return isConfig || startIn(node, true) !== undefined ? [{ to, node, text: node.value }] : [];
  });
}

/** Commands that become one script. */
function inline(to: string, node: TreeNode | undefined): readonly HandedText[] {
  if (node?.kind !== "sequence" || node.items.length === 0) return [];
  const commands = node.items.map((item) => ({
    text: item.kind === "scalar" && typeof item.value === "string" ? item.value : "${…}",
    place: item.place,
  }));
  const lines = commands.flatMap(({ text, place }) => text.split("\n").map(() => place));
  const text = ["#!/bin/sh", ...commands.map((command) => command.text)].join("\n");
  return [{ to, node, text, lines: [node.place, ...lines] }];
}

/**
 * What providers call it: `user_data` (Hetzner, DigitalOcean, AWS, Vultr, OpenStack, libvirt), also in Base64;
 * `custom_data` (Azure), `metadata.user-data` and `startup-script` (Google), `guestinfo.userdata` (vSphere), `cloud-init`
 * (Scaleway), `cloud_config` (Xen Orchestra).
 */
const forFirstStart =
  /^(?:guestinfo\.)?(?:(?:[a-z]+[-_])*(?:user|vendor|custom)[-_]?data(?:[-_](?:base64|raw|b64))?|(?:metadata_)?startup[-_]script|cloud[-_]?(?:init|config))$/i;

function eachScalar(node: TreeNode, key: string, visit: (key: string, node: ScalarNode) => void): void {
  if (node.kind === "scalar") visit(key, node);
  else if (node.kind === "sequence") for (const item of node.items) eachScalar(item, key, visit);
  else for (const entry of node.entries.values()) eachScalar(entry.value, entry.key, visit);
}

function startIn({ value, place }: ScalarNode, isNamed: boolean): string | undefined {
  if (typeof value !== "string" || place.kind !== "file") return undefined;
  if (isCloudConfig.test(value)) return value;
  if (!isNamed) return undefined;
  const text = decoded(value) ?? value;
  const isStart = isCloudConfig.test(text) || isShellScript.test(text) || isBoothook.test(text) || isOfParts(text);
  return isStart ? text : undefined;
}

/** More than any provider takes. */
const largest = 1_048_576;

/** What a text in Base64 holds, unpacked; undefined for one that is none. */
function decoded(value: string): string | undefined {
  if (value.length < 16 || value.length > largest || !/^[A-Za-z0-9+/\s]+={0,2}\s*$/.test(value)) return undefined;
  const bytes = Buffer.from(value, "base64");
  const isZipped = bytes[0] === 0x1f && bytes[1] === 0x8b;
  try {
    return (isZipped ? gunzipSync(bytes, { maxOutputLength: largest }) : bytes).toString("utf8");
  } catch {
    return undefined;
  }
}
