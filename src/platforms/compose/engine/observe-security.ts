import { defaulted, type Fact, stated, unstated } from "../../../facts/fact.ts";
import type { ConfinementProfile, SeccompProfile } from "../../../facts/subjects.ts";
import type { Place } from "../../../lib/place.ts";
import type { EngineContainer, EngineDescription } from "./schemas.ts";

export interface ObservedSecurity {
  readonly noNewPrivileges: Fact<boolean>;
  readonly seccomp: Fact<SeccompProfile>;
  readonly appArmor: Fact<ConfinementProfile>;
  readonly seLinux: Fact<ConfinementProfile>;
}

/**
 * What confines a container, from its `SecurityOpt` and from what the engine has (`SecurityOptions` of `GET /info`).
 * A privileged container has no seccomp and no AppArmor profile unless one is named. A module that the kernel lacks
 * confines nobody and is asked of nobody: it is unstated.
 */
export function observeSecurity(container: EngineContainer, info: EngineDescription, place: Place): ObservedSecurity {
  const option = (name: string) => optionOf(container.HostConfig.SecurityOpt, name);
  const engineHas = (name: string) => info.SecurityOptions.some((text) => text.split(",").includes(`name=${name}`));
  const privileged = container.HostConfig.Privileged;
  return {
    noNewPrivileges: noNewPrivileges(option("no-new-privileges"), engineHas("no-new-privileges"), place),
    seccomp: seccompFact(option("seccomp"), privileged, engineHas("seccomp"), place),
    appArmor: appArmorFact(option("apparmor") ?? container.AppArmorProfile, privileged, engineHas("apparmor"), place),
    seLinux: seLinuxFact(container, engineHas("selinux"), place),
  };
}

/** The value of the last option of a name: `""` for the name alone, undefined when it is absent. */
function optionOf(options: readonly string[], name: string): string | undefined {
  for (const text of options.toReversed()) {
    const match = /^([a-z-]+)(?:[=:]([\s\S]*))?$/.exec(text);
    if (match?.[1] === name) return match[2] ?? "";
  }
  return undefined;
}

function noNewPrivileges(value: string | undefined, byDefault: boolean, place: Place): Fact<boolean> {
  if (value === undefined) return byDefault ? defaulted(true, "platform", place) : unstated(place);
  return stated(value === "" || value === "true", place);
}

function seccompFact(
  value: string | undefined,
  privileged: boolean,
  engineHas: boolean,
  place: Place,
): Fact<SeccompProfile> {
  if (!engineHas) return stated({ kind: "unconfined" }, place);
  if (value === undefined || value === "") {
    return defaulted({ kind: privileged ? "unconfined" : "default" }, "platform", place);
  }
  if (value === "unconfined") return stated({ kind: "unconfined" }, place);
  if (value === "builtin") return stated({ kind: "default" }, place);
  // The engine keeps the whole profile here, not its name.
  return stated({ kind: "custom", name: "written in place" }, place);
}

function appArmorFact(value: string, privileged: boolean, engineHas: boolean, place: Place): Fact<ConfinementProfile> {
  if (value === "unconfined") return stated({ kind: "unconfined" }, place);
  if (!engineHas) return unstated(place);
  if (value === "" && privileged) return defaulted({ kind: "unconfined" }, "platform", place);
  if (value === "" || value === "docker-default") return defaulted({ kind: "default" }, "platform", place);
  return stated({ kind: "custom", name: value }, place);
}

function seLinuxFact(container: EngineContainer, engineHas: boolean, place: Place): Fact<ConfinementProfile> {
  const labels = container.HostConfig.SecurityOpt.filter((text) => /^label[=:]/.test(text));
  if (labels.some((text) => /^label[=:]disable$/.test(text))) return stated({ kind: "unconfined" }, place);
  if (!engineHas) return unstated(place);
  const type = labels.findLast((text) => /^label[=:]type:/.test(text));
  if (type !== undefined) return stated({ kind: "custom", name: type.replace(/^label[=:]type:/, "") }, place);
  return container.ProcessLabel === "" && container.HostConfig.Privileged
    ? defaulted({ kind: "unconfined" }, "platform", place)
    : defaulted({ kind: "default" }, "platform", place);
}
