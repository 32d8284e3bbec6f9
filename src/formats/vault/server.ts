/**
 * The configuration of a server of Vault or OpenBao.
 *
 * Source: developer.hashicorp.com/vault/docs/configuration (1.20) and openbao.org/docs/configuration (2.4): listeners are
 * at 127.0.0.1:8200 with TLS 1.2 unless told otherwise; booleans may be written as texts and numbers.
 */
import type { Named } from "../../facts/configuration/proxy.ts";
import type { OpenDoorway } from "../../facts/configuration/service.ts";
import type { VaultConfiguration, VaultCredential, VaultListener } from "../../facts/configuration/vault.ts";
import {
  complete,
  defaulted,
  type Fact,
  type FactList,
  incomplete,
  stated,
  unknown,
  unstated,
} from "../../facts/fact.ts";
import { classifySecret } from "../../facts/secret-like.ts";
import { Sensitive } from "../../facts/sensitive.ts";
import type { Place } from "../../lib/place.ts";
import { portOfAddress, portsIn } from "../own-ports.ts";
import { isFilledIn } from "../refused.ts";
import type { Block, BlockFile, Setting } from "./blocks.ts";

export function serverConfiguration({ root, doubt }: BlockFile): VaultConfiguration {
  const whole = <T>(items: readonly T[], further: string | undefined = undefined): FactList<T> => {
    const why = doubt ?? further;
    return why === undefined ? complete(items, root.place) : incomplete(items, why, root.place);
  };
  const listeners = root.blocks.filter(({ type, label }) => type === "listener" && label === "tcp");
  const storage = root.blocks.find(({ type }) => type === "storage" || type === "backend");
  return {
    software: "vault",
    listeners: whole(listeners.map(listenerOf)),
    credentials: whole(root.blocks.flatMap(credentialsOf)),
    openDoors: whole(
      listeners.flatMap(openDoorsOf),
      unresolvedOf(
        listeners,
        doors.map(([, setting]) => setting),
      ),
    ),
    unverifiedUpstreams: whole(root.blocks.flatMap(unverifiedBy), unresolvedOf(root.blocks, skips)),
    storage: storage === undefined ? unstated(root.place) : stated(storage.label, storage.place),
    memoryUnlocked: booleanOf(root, "disable_mlock", (place) => defaulted(false, "platform", place)),
  };
}

const usualAddress = "127.0.0.1:8200";

function listenerOf(block: Block): VaultListener {
  const off = booleanOf(block, "tls_disable", (place) => defaulted(false, "platform", place));
  return {
    address: textOf(block, "address", usualAddress),
    tls: off.kind === "stated" || off.kind === "defaulted" ? { ...off, value: !off.value } : off,
    minimumVersion: versionOf(block),
    place: block.place,
  };
}

/** With another word the server does not start. */
function versionOf(block: Block): Fact<string> {
  const version = textOf(block, "tls_min_version", "tls12");
  if (version.kind !== "stated" || /^tls1[0-3]$/.test(version.value)) return version;
  return unknown("`tls_min_version` is none of `tls10`, `tls11`, `tls12` and `tls13`", version.place);
}

/** What answers without a token, by the switches of a listener. */
const doors: readonly (readonly [block: string, setting: string, what: string, allows: OpenDoorway["allows"]])[] = [
  ["telemetry", "unauthenticated_metrics_access", "anybody reads the metrics", "figures"],
  [
    "profiling",
    "unauthenticated_pprof_access",
    "anybody reads the memory's profile, and keeps the server busy with it",
    "reading",
  ],
  [
    "inflight_requests_logging",
    "unauthenticated_in_flight_requests_access",
    "anybody reads which requests are running",
    "reading",
  ],
];

function openDoorsOf(listener: Block): readonly OpenDoorway[] {
  return doors.flatMap(([block, setting, what, allows]): OpenDoorway[] =>
    listener.blocks
      .filter(({ type }) => type === block)
      .flatMap((inner) => {
        const open = booleanOf(inner, setting, unstated);
        const ports = portsIn(portOfAddress(textOf(listener, "address", usualAddress)));
        return open.kind === "stated" && open.value ? [{ what, allows, name: setting, ports, place: open.place }] : [];
      }),
  );
}

/** Why one of these switches cannot be told, in the blocks or those in them. */
function unresolvedOf(blocks: readonly Block[], names: readonly string[]): string | undefined {
  for (const block of blocks) {
    for (const name of names) {
      const fact = booleanOf(block, name, unstated);
      if (fact.kind === "unknown") return fact.why;
    }
    const inner = unresolvedOf(block.blocks, names);
    if (inner !== undefined) return inner;
  }
  return undefined;
}

const skips = ["tls_skip_verify", "leader_tls_skip_verify"];

/** `tls_skip_verify` of the seal, the storage and of joining. */
function unverifiedBy(block: Block): readonly Named[] {
  const own = skips.flatMap((name) => {
    const skipped = booleanOf(block, name, unstated);
    return skipped.kind === "stated" && skipped.value
      ? [{ name: `${block.type} ${block.label}`.trim(), place: skipped.place }]
      : [];
  });
  return [...own, ...block.blocks.flatMap(unverifiedBy)];
}

const keys = /^(?:token|password|secret_key|client_secret|access_key|pin|key|secret|connection_url)$/;

/** Values written out under names that hold a credential, where storage and seal have them. */
function credentialsOf(block: Block): readonly VaultCredential[] {
  if (block.type === "listener") return [];
  return [...block.settings].flatMap(([name, { value, place }]) => {
    if (typeof value !== "string" || !keys.test(name)) return [];
    const secret = new Sensitive(value);
    const kind = classifySecret(name === "connection_url" ? "" : "password", secret);
    // An access key is a name, and a certificate's key a path.
    if (kind !== "literal-secret" && kind !== "weak-default") return [];
    if (name === "access_key") return [];
    return [{ name: `${block.type} "${block.label}" ${name}`, value: secret, place }];
  });
}

function booleanOf(block: Block, name: string, absent: (place: Place) => Fact<boolean>): Fact<boolean> {
  const setting = block.settings.get(name);
  if (setting === undefined) return absent(block.place);
  const value = asBoolean(setting);
  return value === undefined
    ? unknown(`\`${name}\` is neither true nor false`, setting.place)
    : stated(value, setting.place);
}

/** As Go's `strconv.ParseBool` takes it. */
function asBoolean({ value }: Setting): boolean | undefined {
  if (typeof value === "boolean") return value;
  if (typeof value !== "number" && typeof value !== "string") return undefined;
  const text = String(value);
  if (/^(?:1|t|true)$/i.test(text)) return true;
  return /^(?:0|f|false|)$/i.test(text) ? false : undefined;
}

function textOf(block: Block, name: string, byDefault: string): Fact<string> {
  const setting = block.settings.get(name);
  if (setting === undefined) return defaulted(byDefault, "platform", block.place);
  return typeof setting.value === "string" && !isFilledIn(setting.value)
    ? stated(setting.value, setting.place)
    : unknown(`\`${name}\` is put together when the server starts`, setting.place);
}
