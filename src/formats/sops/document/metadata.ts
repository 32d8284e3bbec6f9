import { RingwallError } from "../../../lib/error.ts";
import type { Place } from "../../../lib/place.ts";
import { looksEncrypted } from "./cipher.ts";
import { type Selectors, selectorNames, statedSelector } from "./selectors.ts";

/** What stands under `sops`, as plain data. */
export type Meta = string | number | boolean | null | readonly Meta[] | MetaMap;
export interface MetaMap {
  readonly [key: string]: Meta;
}

/** Kinds of keys besides age; they are kept as they stand. */
export const otherKinds = ["kms", "gcp_kms", "hckms", "azure_kv", "hc_vault", "pgp"] as const;
export type OtherKind = (typeof otherKinds)[number];

export interface AgeKey {
  readonly recipient: string;
  /** The data key, or its share, encrypted for the recipient alone, armored. */
  readonly enc: string;
}

/** Keys each of which opens the same: the data key, or one share of it. */
export interface KeyGroup {
  readonly age: readonly AgeKey[];
  readonly others: Readonly<Partial<Record<OtherKind, readonly Meta[]>>>;
}

/** What SOPS writes into a file beside its values. */
export interface SopsMetadata {
  readonly groups: readonly KeyGroup[];
  /** 0 where none is stated. */
  readonly threshold: number;
  /** RFC 3339, in whole seconds: the authentication code is bound to it. */
  readonly lastModified: string;
  /** Encrypted; empty where the file has none. */
  readonly mac: string;
  /** Empty where none is stated: then SOPS's default counts. */
  readonly selectors: Selectors;
  readonly macOnlyEncrypted: boolean;
  readonly version: string;
}

/** The version of SOPS whose files are written. */
export const writtenVersion = "3.13.3";
const newestMajor = 3;

/** Reads what stands under `sops`. Throws a `RingwallError` at its place. */
export function readMetadata(meta: Meta, place: Place): SopsMetadata {
  if (!isMap(meta)) throw damaged("`sops` is no mapping", place);
  const version = textOf(meta.version);
  refuseNewer(version, place);
  const lastModified = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?(Z|[+-]\d\d:\d\d)$/i.exec(textOf(meta.lastmodified));
  if (lastModified === null) throw damaged("`lastmodified` is no time", place);
  const mac = textOf(meta.mac);
  if (mac !== "" && !looksEncrypted(mac)) throw damaged("`mac` is not encrypted", place);
  const stated = Object.fromEntries(selectorNames.map((name) => [name, textOf(meta[name])]));
  return {
    groups: groupsOf(meta, place),
    threshold: Number(textOf(meta.shamir_threshold)) || 0,
    lastModified: `${lastModified[1]}${lastModified[2] === "+00:00" ? "Z" : lastModified[2]}`.toUpperCase(),
    mac,
    selectors: statedSelector(stated, place),
    macOnlyEncrypted: /^(?:true|1)$/i.test(textOf(meta.mac_only_encrypted)),
    version,
  };
}

function refuseNewer(version: string, place: Place): void {
  const major = Number(/^(\d+)\./.exec(version)?.[1] ?? newestMajor);
  if (major <= newestMajor) return;
  throw new RingwallError("unsupported", `This file was written by SOPS ${major}; Ringwall knows files of SOPS 3.`, {
    hint: "Use SOPS itself, or a newer Ringwall.",
    place,
  });
}

function groupsOf(meta: MetaMap, place: Place): readonly KeyGroup[] {
  const own = groupOf(meta, place);
  if (own.age.length > 0 || kindsOf(own).length > 0) return [own];
  const groups = Array.isArray(meta.key_groups) ? meta.key_groups : [];
  const read = groups.map((group: Meta) => groupOf(isMap(group) ? group : {}, place));
  if (read.length === 0) throw damaged("no key stands in it", place);
  return read;
}

function groupOf(meta: MetaMap, place: Place): KeyGroup {
  const age = listOf(meta.age).map((key) => {
    const recipient = isMap(key) ? textOf(key.recipient) : "";
    const enc = isMap(key) ? textOf(key.enc) : "";
    if (recipient === "" || enc === "") throw damaged("a key of age lacks its `recipient` or `enc`", place);
    return { recipient, enc };
  });
  const others: Partial<Record<OtherKind, readonly Meta[]>> = {};
  for (const kind of otherKinds) {
    const list = listOf(meta[kind]);
    if (list.length > 0) others[kind] = list;
  }
  return { age, others };
}

function listOf(meta: Meta | undefined): readonly Meta[] {
  return Array.isArray(meta) ? meta : [];
}

/** The kinds of a group's keys besides age. */
export function kindsOf(group: KeyGroup): readonly OtherKind[] {
  return otherKinds.filter((kind) => group.others[kind] !== undefined);
}

/** What is written under `sops`: by name, as SOPS does, without what is empty. */
export function writeMetadata(metadata: SopsMetadata): MetaMap {
  const [only, second] = metadata.groups;
  const keys: MetaMap =
    only !== undefined && second === undefined
      ? keysOf(only, false)
      : { key_groups: metadata.groups.map((group) => sorted(keysOf(group, true))) };
  return sorted({
    ...keys,
    ...(metadata.threshold > 0 ? { shamir_threshold: metadata.threshold } : {}),
    ...metadata.selectors,
    ...(metadata.macOnlyEncrypted ? { mac_only_encrypted: true } : {}),
    lastmodified: metadata.lastModified,
    mac: metadata.mac,
    version: metadata.version,
  });
}

/** Groups always name `age` and `hc_vault`, empty or not (`stores.go`, `keygroup`). */
function keysOf(group: KeyGroup, inGroup: boolean): MetaMap {
  const age = group.age.map(({ recipient, enc }) => ({ enc, recipient }));
  return {
    ...(inGroup ? { hc_vault: [] } : {}),
    ...(group.others as MetaMap),
    ...(age.length > 0 || inGroup ? { age } : {}),
  };
}

function sorted(map: MetaMap): MetaMap {
  return Object.fromEntries(Object.entries(map).sort(([one], [other]) => (one < other ? -1 : 1)));
}

export function isMap(meta: Meta | undefined): meta is MetaMap {
  return typeof meta === "object" && meta !== null && !Array.isArray(meta);
}

function textOf(meta: Meta | undefined): string {
  return meta === undefined || meta === null || typeof meta === "object" ? "" : String(meta);
}

function damaged(why: string, place: Place): RingwallError {
  return new RingwallError("syntax", `What SOPS wrote into this file is damaged: ${why}.`, {
    hint: "Take the file from a backup or from Git.",
    place,
  });
}
