/**
 * Atlantis's server-side configuration of repositories.
 *
 * Source: runatlantis.io/docs/server-side-repo-config (v0.35): later entries that fit a repository come before earlier
 * ones, key by key; without `apply_requirements` nothing has to hold.
 */
import type { AtlantisConfiguration, AtlantisRepository } from "../../facts/configuration/atlantis.ts";
import { complete, defaulted, type Fact, incomplete, stated, unstated } from "../../facts/fact.ts";
import { wholeFile } from "../../lib/place.ts";
import type { ConfigFacts, ConfigFormat, ConfigInput } from "../config-format.ts";
import { configurationFile } from "../configuration-file.ts";
import { asBoolean, asText, Fields, textItem } from "../fields.ts";
import { child, type TreeNode } from "../tree.ts";
import { parseYaml } from "../yaml/parse.ts";

export const atlantisFormat: ConfigFormat = {
  name: "Atlantis",
  mayBe: (path) => /(?:^|\/)(?:[^/]*atlantis[^/]*|(?:server-)?repos?(?:-config|\.config)?)\.ya?ml$/i.test(path),
  recognises: (_path, text) =>
    /^repos:/m.test(text) &&
    /^\s+(?:-\s+)?(?:allowed_overrides|allow_custom_workflows|apply_requirements|plan_requirements):/m.test(text),
  read,
};

function read(input: ConfigInput): ConfigFacts {
  const { documents, problems } = parseYaml(input.file.source, input.file.text);
  const place = wholeFile(input.file.source);
  const repos = child(documents[0], "repos");
  const repositories = repos?.kind === "sequence" ? repositoriesOf(repos.items) : [];
  const broken = problems.some(({ severity }) => severity === "error");
  const why = broken
    ? "a part of the file could not be read"
    : repos?.kind === "sequence"
      ? repos.incomplete
      : "`repos` is no list";
  const configuration: AtlantisConfiguration = {
    software: "atlantis",
    repositories: why === undefined ? complete(repositories, place) : incomplete(repositories, why, place),
  };
  return { subjects: [configurationFile(input, configuration)], problems, sources: [] };
}

function repositoriesOf(items: readonly TreeNode[]): readonly AtlantisRepository[] {
  const found: AtlantisRepository[] = [];
  for (const item of items) {
    const fields = Fields.of(item, item.place, "repos");
    const id = fields.fact("id", asText, "a name", unstated);
    const name = id.kind === "stated" ? id.value : "?";
    const before = found.findLast(({ every, id: other }) => every || other === name);
    found.push({
      id: name,
      every: id.kind === "unknown" || /^\/(?:\^?\.[*+]\$?)?\/$/.test(name),
      customWorkflows: orElse(
        fields.fact("allow_custom_workflows", asBoolean, "true or false", unstated),
        before?.customWorkflows,
        () => defaulted(false, "platform", item.place),
      ),
      overrides:
        fields.node("allowed_overrides") === undefined && before !== undefined
          ? before.overrides
          : fields.list(
              "allowed_overrides",
              textItem((value) => ({ value })),
            ),
      applyRequirements: orElse(requirementsOf(fields), before?.applyRequirements, () => unstated(item.place)),
      place: item.place,
    });
  }
  return found;
}

/** What is not stated is as the entry before has it. */
function orElse<T>(own: Fact<T>, before: Fact<T> | undefined, byDefault: () => Fact<T>): Fact<T> {
  return own.kind === "unstated" ? (before ?? byDefault()) : own;
}

function requirementsOf(fields: Fields): Fact<readonly string[]> {
  const node = fields.node("apply_requirements");
  if (node === undefined)
    return fields.hidden === undefined
      ? unstated(fields.place)
      : { kind: "unknown", why: fields.hidden, place: fields.place };
  const list = fields.list(
    "apply_requirements",
    textItem((value) => ({ value })),
  );
  return list.complete ? stated(list.items, node.place) : { kind: "unknown", why: list.why, place: node.place };
}
