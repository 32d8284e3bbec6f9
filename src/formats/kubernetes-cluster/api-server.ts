/** What the flags of an API server come to. */
import type { ClusterSettings, ComponentArgument } from "../../facts/configuration/cluster.ts";
import { defaulted, type Fact, knownValue, stated, unknown, unstated } from "../../facts/fact.ts";
import { booleanOfFlag } from "../../lib/boolean-of-flag.ts";
import { type Flags, lastOf } from "./flags.ts";

export type ApiServerSettings = Pick<
  ClusterSettings,
  "anonymousApi" | "apiServerArguments" | "podSecurity" | "audit" | "etcdEncryption"
>;

export interface ApiServerDefaults {
  /** Whether nothing but these flags starts it: what they leave out is then not set. */
  readonly whole: boolean;
  /** What it answers without a name where no flag says: Kubernetes' own is to answer. */
  readonly anonymous: "off" | "on";
}

/**
 * An API server by its flags. Without them it answers requests without a name (RBAC then decides what they get), writes
 * no audit log, encrypts nothing, and admits pods of every level.
 *
 * Source: `kube-apiserver` reference of Kubernetes 1.34: `--anonymous-auth` (true), `--audit-policy-file`,
 * `--encryption-provider-config`, `--admission-control-config-file`, `--disable-admission-plugins`.
 */
export function apiServerOf(flags: Flags, { whole, anonymous }: ApiServerDefaults): ApiServerSettings {
  const absent = <T>(value: T): Fact<T> => {
    if (!flags.complete) return unknown(flags.why, flags.place);
    return whole ? defaulted(value, "platform", flags.place) : unstated(flags.place);
  };
  return {
    apiServerArguments: flags,
    anonymousApi: anonymousOf(flags, () => absent<"off" | "health" | "on">(anonymous)),
    podSecurity: podSecurityOf(flags, () => absent("privileged")),
    audit: auditOf(flags, () => absent({ records: false })),
    etcdEncryption: encryptionOf(flags, () => absent<"none">("none")),
  };
}

/** An API server of which a file says nothing. */
export function noApiServer(flags: Flags): ApiServerSettings {
  const { place } = flags;
  return {
    apiServerArguments: flags,
    anonymousApi: unstated(place),
    podSecurity: unstated(place),
    audit: unstated(place),
    etcdEncryption: unstated(place),
  };
}

function anonymousOf(flags: Flags, absent: () => ClusterSettings["anonymousApi"]): ClusterSettings["anonymousApi"] {
  const flag = lastOf(flags, "anonymous-auth");
  if (flag === undefined) return absent();
  if (flag.value.kind !== "stated") return unknown("`anonymous-auth` cannot be told", flag.place);
  const on = booleanOfFlag(flag.value.value);
  if (on === undefined) return unknown("`anonymous-auth` is neither true nor false", flag.place);
  return stated(on ? "on" : "off", flag.place);
}

/** The levels stand in a file of their own; the plugin is on unless one of the flags that count together switches it off. */
function podSecurityOf(flags: Flags, absent: () => Fact<string>): Fact<string> {
  const disabling = flags.items.filter(({ name }) => name === "disable-admission-plugins");
  const off = disabling.find(({ value }) => /(?:^|,)\s*PodSecurity\s*(?:,|$)/.test(knownValue(value) ?? ""));
  if (off !== undefined) return stated("none: the plugin is switched off", off.place);
  const open = disabling.find(({ value }) => value.kind === "unknown");
  if (open !== undefined) return unknown(`\`${open.name}\` cannot be told`, open.place);
  const flag = lastOf(flags, "admission-control-config-file");
  return flag === undefined ? absent() : elsewhere(flag);
}

function auditOf(flags: Flags, absent: () => ClusterSettings["audit"]): ClusterSettings["audit"] {
  const policy = lastOf(flags, "audit-policy-file");
  const sink = lastOf(flags, "audit-log-path") ?? lastOf(flags, "audit-webhook-config-file");
  if (policy === undefined || sink === undefined) {
    const [one] = [policy ?? sink].filter((each) => each !== undefined);
    // A policy without a place to write to records nothing, and the other way round.
    return one === undefined || !flags.complete ? absent() : stated({ records: false }, one.place);
  }
  const open = [policy, sink].find(({ value }) => value.kind !== "stated");
  if (open !== undefined) return unknown(`\`${open.name}\` cannot be told`, open.place);
  return stated({ records: ![policy, sink].some(isEmpty) }, policy.place);
}

function encryptionOf(
  flags: Flags,
  absent: () => ClusterSettings["etcdEncryption"],
): ClusterSettings["etcdEncryption"] {
  const flag = lastOf(flags, "encryption-provider-config");
  if (flag === undefined) return absent();
  return isEmpty(flag) ? stated("none", flag.place) : elsewhere(flag);
}

function isEmpty({ value }: ComponentArgument): boolean {
  return value.kind === "stated" && value.value === "";
}

/** Why a setting is not known that a file of the machine holds; the file is judged where it is among these. */
export const inOwnFile = "it stands in a file of the machine that is read by itself where it is in this folder";

function elsewhere<T>({ place }: ComponentArgument): Fact<T> {
  return unknown(inOwnFile, place);
}
