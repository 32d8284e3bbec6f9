import { defaulted, type Fact, type FactList, knownValue, stated, unknown, unstated } from "../../facts/fact.ts";
import type { ConfinementProfile, SeccompProfile } from "../../facts/subjects.ts";
import { type Fields, textItem } from "../../formats/fields.ts";
import type { Place } from "../../lib/place.ts";

export interface SecurityOptions {
  readonly noNewPrivileges: Fact<boolean>;
  readonly seccomp: Fact<SeccompProfile>;
  readonly appArmor: Fact<ConfinementProfile>;
  readonly seLinux: Fact<ConfinementProfile>;
  readonly systemPaths: Fact<"masked" | "unconfined">;
}

interface Option {
  readonly name: string;
  readonly value: string;
  readonly place: Place;
}

/**
 * `security_opt` in every spelling that Docker takes: `name=value`, the older `name:value`, and `no-new-privileges`
 * alone. An option that is absent from a list that may not be whole is unknown. A privileged container runs without
 * seccomp and AppArmor profile unless one is named.
 */
export function readSecurityOptions(service: Fields, privileged: Fact<boolean>): SecurityOptions {
  const options = service.list("security_opt", textItem(parseOption));
  const profile = (name: string): Fact<ConfinementProfile> =>
    optionFact(
      options,
      name,
      (value) => confinement(value),
      (place) => unlessPrivileged(privileged, place),
    );
  return {
    noNewPrivileges: optionFact(options, "no-new-privileges", parseFlag, unstated),
    seccomp: profile("seccomp"),
    appArmor: profile("apparmor"),
    seLinux: seLinuxFact(options),
    systemPaths: optionFact<"masked" | "unconfined">(
      options,
      "systempaths",
      (value) => (value === "unconfined" ? "unconfined" : undefined),
      (place) => defaulted("masked", "platform", place),
    ),
  };
}

function parseOption(text: string, place: Place): { value: Option } {
  const at = text.includes("=") ? text.indexOf("=") : text.indexOf(":");
  const name = (at === -1 ? text : text.slice(0, at)).trim().toLowerCase();
  return { value: { name, value: at === -1 ? "" : text.slice(at + 1).trim(), place } };
}

/** The last option of a name counts, as it does in the engine. */
function optionFact<T>(
  options: FactList<Option>,
  name: string,
  parse: (value: string) => T | undefined,
  absent: (place: Place) => Fact<NoInfer<T>>,
): Fact<T> {
  if (!options.complete) return unknown(options.why, options.place);
  const option = options.items.findLast((item) => item.name === name);
  if (option === undefined) return absent(options.place);
  const value = parse(option.value);
  return value === undefined
    ? unknown(`\`${name}\` has a value that Docker does not know`, option.place)
    : stated(value, option.place);
}

function parseFlag(value: string): boolean | undefined {
  if (value === "" || value === "true") return true;
  return value === "false" ? false : undefined;
}

function confinement(value: string): ConfinementProfile | undefined {
  switch (value) {
    case "":
      return undefined;
    case "unconfined":
      return { kind: "unconfined" };
    case "builtin":
    case "default":
    case "docker-default":
    case "runtime/default":
      return { kind: "default" };
    default:
      return { kind: "custom", name: value.length > 200 || value.startsWith("{") ? "written in place" : value };
  }
}

function unlessPrivileged(privileged: Fact<boolean>, place: Place): Fact<ConfinementProfile> {
  if (privileged.kind === "unknown") return unknown(`whether it is privileged: ${privileged.why}`, privileged.place);
  if (knownValue(privileged) === true) return defaulted({ kind: "unconfined" }, "platform", privileged.place);
  return defaulted({ kind: "default" }, "platform", place);
}

/** `label=disable` switches SELinux off for the container; `label=type:…` names a type of its own. */
function seLinuxFact(options: FactList<Option>): Fact<ConfinementProfile> {
  if (!options.complete) return unknown(options.why, options.place);
  const labels = options.items.filter((item) => item.name === "label");
  const disabled = labels.find((item) => item.value === "disable");
  if (disabled !== undefined) return stated({ kind: "unconfined" }, disabled.place);
  const type = labels.findLast((item) => item.value.startsWith("type:"));
  if (type !== undefined) return stated({ kind: "custom", name: type.value.slice("type:".length) }, type.place);
  return defaulted({ kind: "default" }, "platform", options.place);
}
