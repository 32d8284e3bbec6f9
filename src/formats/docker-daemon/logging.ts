/**
 * How the engine keeps the logs of containers that say nothing of it (`log-driver`, `log-opts`).
 *
 * Source: moby v29, `daemon/config/config.go` (`LogConfig`: `log-opts` is a map of texts, any other value keeps the engine
 * from starting), `daemon/logger/jsonfilelog` and `local` (`ValidateLogOpt`: the options that each takes).
 */
import type { DockerDaemonConfiguration, EngineLogging } from "../../facts/configuration/docker-daemon.ts";
import { type Fact, knownValue, stated, unknown, unstated } from "../../facts/fact.ts";
import type { InputProblem } from "../../facts/system.ts";
import type { Place } from "../../lib/place.ts";
import { asText, type Fields, isNull } from "../fields.ts";
import { refused } from "../refused.ts";

export interface LoggingText {
  readonly logging: DockerDaemonConfiguration["logging"];
  /** Options that keep the engine from starting. */
  readonly problems: readonly InputProblem[];
}

/** Without a driver it is `json-file`. */
const usual = "json-file";

const optionsOf: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries({
    "json-file": new Set(["max-file", "max-size", "compress", "labels", "labels-regex", "env", "env-regex", "tag"]),
    local: new Set(["max-file", "max-size", "compress"]),
  }),
);
/** What every driver takes. Source: moby v29, `daemon/logger/factory.go`. */
const shared = new Set(["mode", "max-buffer-size"]);

const engine = "Docker's engine";

export function loggingOf(root: Fields): LoggingText {
  const driver = root.fact("log-driver", asText, "a text", (place) => unstated(place));
  const written = root.node("log-opts");
  if (driver.kind === "unknown") return { logging: driver, problems: [] };
  if (driver.kind === "unstated" && written === undefined) return { logging: unstated(driver.place), problems: [] };
  const options = root.fields("log-opts");
  if (options.hidden !== undefined) return { logging: unknown(options.hidden, options.place), problems: [] };
  const name = knownValue(driver) || usual;
  const problems = options.entries.flatMap(({ key, keyPlace, value }) => {
    const takes = optionsOf.get(name);
    if (takes !== undefined && !takes.has(key) && !shared.has(key))
      return [
        refused(
          engine,
          `\`${key}\` is no option of the log driver ${name}`,
          `one of ${[...takes].join(", ")}`,
          keyPlace,
        ),
      ];
    const isText = value.kind === "scalar" && (typeof value.value === "string" || value.unresolved !== undefined);
    return isText || isNull(value)
      ? []
      : [refused(engine, `\`${key}\` is not a text`, "its value in quotes", value.place)];
  });
  return { logging: factOf(name, options, problems, written?.place ?? driver.place), problems };
}

function factOf(
  driver: string,
  options: Fields,
  [problem]: readonly InputProblem[],
  place: Place,
): Fact<EngineLogging> {
  if (problem !== undefined) return unknown("the engine does not start with its log options", problem.place);
  const texts = new Map<string, string>();
  for (const { key, value } of options.entries) {
    if (value.kind !== "scalar" || value.unresolved !== undefined)
      return unknown(value.kind === "scalar" ? (value.unresolved ?? "") : `\`${key}\` is not a text`, value.place);
    texts.set(key, asText(value) ?? "");
  }
  return stated({ driver, options: Object.fromEntries(texts) }, place);
}
