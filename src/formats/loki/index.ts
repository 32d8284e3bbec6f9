import type { OpenDoorway, ServiceConfiguration } from "../../facts/configuration/service.ts";
import {
  complete,
  defaulted,
  type Fact,
  type FactList,
  incomplete,
  knownValue,
  stated,
  unknown,
} from "../../facts/fact.ts";
import type { Place } from "../../lib/place.ts";
import type { ConfigFacts, ConfigFormat, ConfigInput } from "../config-format.ts";
import { configurationFile } from "../configuration-file.ts";
import { asBoolean, asInteger, asText, type Fields } from "../fields.ts";
import { portsIn, unlessMoved } from "../own-ports.ts";
import { readYamlFile } from "../yaml-file.ts";

/**
 * Loki: who may read and write logs, and how long they are kept.
 *
 * Source: Loki 3.5 configuration reference: `auth_enabled` is true unless stated, `compactor.retention_enabled` false and
 * `limits_config.retention_period` 0, which keeps logs for ever; "Network ports": logs are read and written by
 * `server.http_listen_port`, 3100, and by `grpc_listen_port`, 9095. Flags go before the file. `table_manager` of stores of
 * old has a period and a switch of its own.
 */
export const lokiFormat: ConfigFormat = {
  name: "Loki configuration",
  mayBe: (path) => /\.ya?ml$/i.test(path) && /loki/i.test(path),
  recognises: (_path, text) =>
    /^schema_config:/m.test(text) ||
    (/^auth_enabled:/m.test(text) && /^(?:common|ingester|limits_config|server):/m.test(text)),
  read(input: ConfigInput): ConfigFacts {
    const { root, problems } = readYamlFile(input.file);
    const configuration: ServiceConfiguration = {
      software: "loki",
      openDoors: doorsOf(root),
      logDays: daysOf(root),
      ports: unlessMoved(portsOf(root.fields("server")), input, /-server\.(?:http|grpc)-listen-port\b/),
    };
    return { subjects: [configurationFile(input, configuration)], problems, sources: [] };
  },
};

function portsOf(server: Fields): Fact<readonly number[]> {
  const port = (name: string, usual: number) =>
    server.fact(name, asInteger, "a number", (place) => defaulted(usual, "platform", place));
  return portsIn(port("http_listen_port", 3100), port("grpc_listen_port", 9095));
}

function doorsOf(root: Fields): FactList<OpenDoorway> {
  const enabled = root.fact("auth_enabled", asBoolean, "true or false", (place) => defaulted(true, "platform", place));
  if (enabled.kind === "unknown") return incomplete([], enabled.why, enabled.place);
  if (knownValue(enabled) !== false) return complete([], enabled.place);
  const what = "whoever reaches its port reads every log and may write any";
  return complete([{ what, allows: "reading", name: "auth_enabled", place: enabled.place }], enabled.place);
}

/** By the compactor, or in stores of old by the table manager, where both switches are off unless they are set. */
function daysOf(root: Fields): Fact<number> {
  const off = (place: Place) => defaulted(false, "platform" as const, place);
  const tables = root.fields("table_manager");
  const byTables = tables.fact("retention_deletes_enabled", asBoolean, "true or false", off);
  const enabled = root.fields("compactor").fact("retention_enabled", asBoolean, "true or false", off);
  if (knownValue(enabled) === true) return daysIn(root.fields("limits_config"));
  if (knownValue(byTables) === true) return daysIn(tables);
  const open = [enabled, byTables].find(({ kind }) => kind === "unknown");
  return open?.kind === "unknown" ? open : { kind: "unstated", place: enabled.place };
}

function daysIn(section: Fields): Fact<number> {
  const period = section.fact("retention_period", asText, "a duration", (place) => defaulted("0s", "platform", place));
  if (period.kind !== "stated" && period.kind !== "defaulted") return period;
  const days = durationInDays(period.value);
  if (days === undefined) return unknown(`\`retention_period\` is no duration: ${period.value}`, period.place);
  return days === 0 ? { kind: "unstated", place: period.place } : stated(days, period.place);
}

const unitDays: Readonly<Record<string, number>> = { y: 365, w: 7, d: 1, h: 1 / 24, m: 1 / 1440, s: 1 / 86_400 };

/** `720h`, `30d`, `1w2d`; undefined for what is no duration. */
function durationInDays(text: string): number | undefined {
  if (text === "0") return 0;
  if (!/^(?:\d+(?:ms|[ywdhms]))+$/.test(text)) return undefined;
  return [...text.matchAll(/(\d+)(ms|[ywdhms])/g)].reduce(
    (sum, [, count, unit = ""]) => sum + Number(count) * (unitDays[unit] ?? 0),
    0,
  );
}
