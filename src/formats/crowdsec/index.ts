import type { Named } from "../../facts/configuration/proxy.ts";
import type { ServiceConfiguration } from "../../facts/configuration/service.ts";
import { complete, defaulted, type FactList, incomplete, knownValue } from "../../facts/fact.ts";
import { type Place, wholeFile } from "../../lib/place.ts";
import { mistakeIn } from "../as-far-as-read.ts";
import type { ConfigFacts, ConfigFormat, ConfigInput } from "../config-format.ts";
import { configurationFile } from "../configuration-file.ts";
import { asBoolean, Fields } from "../fields.ts";
import type { TreeNode } from "../tree.ts";
import { parseYaml } from "../yaml/parse.ts";

/**
 * CrowdSec: whether it reads any log, and whether what it finds has a consequence.
 *
 * Source: CrowdSec 1.7 documentation, "Acquisition" (`acquis.yaml`, and every file of `acquis.d`), "Profiles" and "Simulation".
 */
export const crowdsecFormat: ConfigFormat = {
  name: "CrowdSec configuration",
  mayBe: (path) => /(?:^|\/)(?:acquis(?:\.ya?ml|\.d\/[^/]+\.ya?ml)|simulation\.ya?ml|profiles\.ya?ml)$/i.test(path),
  recognises: (path, text) => kindOf(path, text) !== undefined,
  read(input: ConfigInput): ConfigFacts {
    const { file, path } = input;
    const { documents, problems } = parseYaml(file.source, file.text, { booleans: "1.1" });
    const place = wholeFile(file.source);
    const kind = kindOf(path, file.text) ?? "acquisition";
    const mistake = mistakeIn(problems);
    const blindBecause =
      mistake !== undefined
        ? incomplete([], mistake, place)
        : kind === "acquisition" && hasOthers(input)
          ? complete([], place)
          : judges[kind](documents, place);
    const configuration: ServiceConfiguration = { software: "crowdsec", blindBecause };
    return { subjects: [configurationFile(input, configuration)], problems, sources: [] };
  },
};

/** Whether logs may be named beside this file: all of `acquis.yaml` and `acquis.d` is read. */
function hasOthers({ path, paths }: ConfigInput): boolean {
  const [, folder = ""] = /^(.*?)acquis(?:\.ya?ml|\.d\/[^/]+)$/i.exec(path) ?? [];
  return paths.some((other) => {
    if (other === path || !other.startsWith(folder)) return false;
    return /^acquis(?:\.ya?ml|\.d\/[^/]+\.ya?ml)$/i.test(other.slice(folder.length));
  });
}

type Kind = "acquisition" | "simulation" | "profiles";

function kindOf(path: string, text: string): Kind | undefined {
  if (/acquis/i.test(path))
    return /^[^\S\r\n]*(?:-[^\S\r\n]*)?(?:filenames?|source|journalctl_filter|container_name\w*|labels):/m.test(text) ||
      !/^[ \t]*[^\s#-]/m.test(text)
      ? "acquisition"
      : undefined;
  if (/simulation\.ya?ml$/i.test(path)) return /^simulation:/m.test(text) ? "simulation" : undefined;
  return /^(?:name|filters|decisions):/m.test(text) && /^[^\S\r\n]*(?:decisions|filters):/m.test(text)
    ? "profiles"
    : undefined;
}

const judges: Readonly<Record<Kind, (documents: readonly TreeNode[], place: Place) => FactList<Named>>> = {
  acquisition: (documents, place) => {
    const sources = documents.filter((document) => document.kind === "mapping" && document.entries.size > 0);
    if (sources.length > 0) return complete([], place);
    return complete([{ name: "the acquisition names no log, so that CrowdSec reads none", place }], place);
  },
  simulation: (documents, place) => {
    const root = Fields.of(documents[0], place, "the file");
    const on = root.fact("simulation", asBoolean, "true or false", (at) => defaulted(false, "platform", at));
    if (on.kind === "unknown") return incomplete([], on.why, on.place);
    if (knownValue(on) !== true) return complete([], place);
    return complete([{ name: "it only simulates: what it decides bans nobody", place: on.place }], place);
  },
  profiles: (documents, place) => {
    const profiles = documents.filter((document) => document.kind === "mapping" && document.entries.size > 0);
    const decides = profiles.some((document) => {
      const decisions = document.kind === "mapping" ? document.entries.get("decisions")?.value : undefined;
      return decisions?.kind === "sequence" && decisions.items.length > 0;
    });
    if (decides || profiles.length === 0) return complete([], place);
    return complete([{ name: "no profile has a decision, so that what it finds bans nobody", place }], place);
  },
};
