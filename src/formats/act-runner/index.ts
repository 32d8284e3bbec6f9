import type { ActRunnerConfiguration } from "../../facts/configuration/act-runner.ts";
import { defaulted, unstated } from "../../facts/fact.ts";
import type { ConfigFacts, ConfigFormat, ConfigInput } from "../config-format.ts";
import { configurationFile } from "../configuration-file.ts";
import { asBoolean, asText, type Fields, textItem } from "../fields.ts";
import { readYamlFile } from "../yaml-file.ts";

/** The runner of Gitea's and Forgejo's actions: what it lets jobs do to the machine that it runs on. */
export const actRunnerFormat: ConfigFormat = {
  name: "Gitea or Forgejo runner configuration",
  mayBe: (path) => /(?:^|\/)(?:config|[\w.-]{0,60}runner[\w.-]{0,60})\.ya?ml$/i.test(path),
  recognises: (_path, text) =>
    /^container:/m.test(text) &&
    !/^(?:apiVersion|services):/m.test(text) &&
    (/\b(?:valid_volumes|workdir_parent)["']?\s{0,8}:/.test(text) ||
      (/^runner:/m.test(text) && /\b(?:privileged|docker_host|force_pull|fetch_interval|capacity)\s{0,8}:/.test(text))),
  readsOthers: () => false,
  read(input: ConfigInput): ConfigFacts {
    const { root, problems } = readYamlFile(input.file);
    return { subjects: [configurationFile(input, configurationOf(root.fields("container")))], problems, sources: [] };
  },
};

function configurationOf(container: Fields): ActRunnerConfiguration {
  return {
    software: "act-runner",
    privileged: container.fact("privileged", asBoolean, "true or false", (place) =>
      defaulted(false, "platform", place),
    ),
    volumes: container.list(
      "valid_volumes",
      textItem((pattern, place) => ({ value: { pattern, place } })),
    ),
    options: container.fact("options", asText, "a text", unstated),
    network: container.fact("network", asText, "a text", unstated),
    engine: container.fact("docker_host", asText, "a text", unstated),
  };
}
