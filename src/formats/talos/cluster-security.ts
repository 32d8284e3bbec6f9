/** What the machines' configuration says of the cluster's own defences: admission, audit, encryption, anonymous requests. */
import type { TalosMachine } from "../../facts/configuration/talos.ts";
import { defaulted, type Fact, stated, unknown, unstated } from "../../facts/fact.ts";
import { booleanOfFlag } from "../../lib/boolean-of-flag.ts";
import type { Place } from "../../lib/place.ts";
import { asBoolean, asText, Fields } from "../fields.ts";
import { argumentsOf } from "./arguments.ts";
import { ofKind, section, type TalosDocuments } from "./documents.ts";

export type Absent = <T>(value: T) => (place: Place) => Fact<T>;

/** Admission plugins: `cluster.apiServer.admissionControl` and KubeAdmissionControlConfig. Talos adds none of itself. */
export function podSecurityOf(documents: TalosDocuments): Fact<string> {
  const server = section(documents, "cluster").fields("apiServer");
  const plugins = [...itemsOf(server, "admissionControl"), ...ofKind(documents, "KubeAdmissionControlConfig")];
  const plugin = plugins.find((one) => textOf(one, "name") === "PodSecurity");
  if (plugin === undefined)
    return server.hidden === undefined
      ? unstated(server.keyPlace("admissionControl"))
      : unknown(server.hidden, server.place);
  return plugin
    .fields("configuration")
    .fields("defaults")
    .fact("enforce", asText, "a level", (place) => defaulted("privileged", "platform", place));
}

/** The audit policy; where none is written Talos has one of its own, which records the metadata of every request. */
export function auditOf(documents: TalosDocuments, whole: boolean): TalosMachine["audit"] {
  const server = section(documents, "cluster").fields("apiServer");
  const written =
    ofKind(documents, "KubeAuditPolicyConfig")[0]?.fields("configuration") ?? server.fields("auditPolicy");
  if (written.node("rules") !== undefined || written.hidden !== undefined) return auditPolicyOf(written);
  const own = { records: true, bodiesOfSecrets: false };
  return whole ? defaulted(own, "platform", written.place) : unstated(written.place);
}

/** What a policy of `audit.k8s.io` records. */
export function auditPolicyOf(written: Fields): TalosMachine["audit"] {
  const rules = itemsOf(written, "rules");
  const node = written.node("rules");
  if (node === undefined)
    return written.hidden === undefined
      ? stated({ records: false }, written.place)
      : unknown(written.hidden, written.place);
  if (node.kind === "sequence" && node.incomplete !== undefined) return unknown(node.incomplete, node.place);
  const levels = rules.map((rule) => textOf(rule, "level"));
  if (levels.includes(undefined)) return unknown("a rule of the audit policy has no level", node.place);
  return stated(
    { records: levels.some((level) => level !== "None"), bodiesOfSecrets: recordsBodies(rules) },
    node.place,
  );
}

/** Whether the first rule that takes Secrets writes down what is in them. A rule without resources takes all. */
function recordsBodies(rules: readonly Fields[]): boolean {
  for (const rule of rules) {
    const groups = itemsOf(rule, "resources");
    const takes =
      groups.length === 0
        ? rule.node("nonResourceURLs") === undefined
        : groups.some((group) => {
            const names = listOfTexts(group, "resources");
            return isCore(group) && (names.length === 0 || names.some((name) => name === "secrets" || name === "*"));
          });
    if (!takes) continue;
    // A rule for some users, verbs or namespaces alone leaves the others to the next.
    const level = textOf(rule, "level");
    if (level === "Request" || level === "RequestResponse") return true;
    if (!["users", "userGroups", "verbs", "namespaces"].some((key) => rule.node(key) !== undefined)) return false;
  }
  return false;
}

function isCore(group: Fields): boolean {
  const name = textOf(group, "group");
  return name === undefined || name === "" || name === "*";
}

/** What encrypts Secrets: keys of `cluster`, of which secretbox comes first in Talos, or KubeEtcdEncryptionConfig. */
export function etcdEncryptionOf(documents: TalosDocuments): TalosMachine["etcdEncryption"] {
  const cluster = section(documents, "cluster");
  const written = ofKind(documents, "KubeEtcdEncryptionConfig")[0];
  if (written !== undefined) return providerOf(written.fields("config"));
  for (const [key, by] of [
    ["secretboxEncryptionSecret", "secretbox"],
    ["aescbcEncryptionSecret", "aescbc"],
  ] as const) {
    const node = cluster.node(key);
    // Which key it is does not matter here: that one is there does.
    if (node !== undefined) return stated(by, cluster.keyPlace(key));
  }
  return cluster.hidden === undefined ? unstated(cluster.place) : unknown(cluster.hidden, cluster.place);
}

const providers = ["secretbox", "aesgcm", "aescbc", "kms"] as const;

/** The first provider of the rule for Secrets is the one that writes. */
export function providerOf(config: Fields): TalosMachine["etcdEncryption"] {
  const rules = itemsOf(config, "resources");
  const rule = rules.find((one) =>
    listOfTexts(one, "resources").some((name) => /^(?:secrets|\*\.|\*\.\*)$/.test(name)),
  );
  if (rule === undefined)
    return config.hidden === undefined ? stated("none", config.place) : unknown(config.hidden, config.place);
  const first = itemsOf(rule, "providers")[0];
  if (first === undefined) return unknown("its providers cannot be read", rule.place);
  const found = providers.find((one) => first.entry(one) !== undefined);
  if (found !== undefined) return stated(found, first.keyPlace(found));
  return first.entry("identity") === undefined
    ? unknown("its provider is not known", first.place)
    : stated("none", first.keyPlace("identity"));
}

/**
 * Anonymous requests to the API server. Talos starts it with `anonymous-auth=false`
 * (internal/app/machined/pkg/controllers/k8s/control_plane_static_pod.go), unless a KubeAuthenticationConfig says more.
 */
export function anonymousApiOf(documents: TalosDocuments, whole: boolean): TalosMachine["anonymousApi"] {
  const server = section(documents, "cluster").fields("apiServer");
  const flags = [argumentsOf(server), ...ofKind(documents, "KubeAPIServerConfig").map((one) => argumentsOf(one))];
  const flag = flags.flatMap(({ items }) => items).find(({ name }) => name === "anonymous-auth");
  if (flag !== undefined) {
    if (flag.value.kind !== "stated") return unknown("`anonymous-auth` cannot be told", flag.place);
    const on = booleanOfFlag(flag.value.value);
    if (on === undefined) return unknown("`anonymous-auth` is neither true nor false", flag.place);
    return stated(on ? "on" : "off", flag.place);
  }
  const anonymous = ofKind(documents, "KubeAuthenticationConfig")[0]?.fields("configuration").fields("anonymous");
  if (anonymous?.entry("enabled") !== undefined) return anonymousOf(anonymous);
  const open = flags.find(({ complete }) => !complete);
  if (open !== undefined && !open.complete) return unknown(open.why, open.place);
  return whole ? defaulted("off", "platform", server.place) : unstated(server.place);
}

/** Paths that tell whether the server is well, and nothing else. */
const healthPaths = new Set(["/livez", "/readyz", "/healthz"]);

function anonymousOf(anonymous: Fields): TalosMachine["anonymousApi"] {
  const enabled = anonymous.fact("enabled", asBoolean, "a boolean", unstated);
  if (enabled.kind !== "stated") return enabled.kind === "unknown" ? enabled : unstated(anonymous.place);
  if (!enabled.value) return stated("off", enabled.place);
  const paths = itemsOf(anonymous, "conditions").map((condition) => textOf(condition, "path"));
  const health = paths.length > 0 && paths.every((path) => path !== undefined && healthPaths.has(path));
  return stated(health ? "health" : "on", enabled.place);
}

/** The mappings of a list, as fields. */
export function itemsOf(fields: Fields, key: string): readonly Fields[] {
  const node = fields.node(key);
  if (node?.kind !== "sequence") return [];
  return node.items.map((item) => Fields.of(item, item.place, key, fields.hidden));
}

export function textOf(fields: Fields, key: string): string | undefined {
  const node = fields.node(key);
  return node?.kind === "scalar" && node.unresolved === undefined ? asText(node) : undefined;
}

export function listOfTexts(fields: Fields, key: string): readonly string[] {
  const node = fields.node(key);
  if (node?.kind !== "sequence") return [];
  return node.items.flatMap((item) =>
    item.kind === "scalar" && item.unresolved === undefined ? (asText(item) ?? []) : [],
  );
}
