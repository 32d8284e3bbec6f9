import type { RenderedFile } from "../../contracts/platform.ts";
import { renderNetwork, renderSecret, renderVolume } from "./render-objects.ts";
import { renderService } from "./render-service.ts";
import { writeYaml, type YamlEntry, type YamlMapping } from "./render-yaml.ts";
import { compareText } from "./resource-names.ts";
import type { ComposeResources } from "./resources.ts";

/** Names in the rendered folder that are Ringwall's own; no component's file may take one. */
export const ownFileNames = ["compose.yaml", ".env", ".gitignore"] as const;

/**
 * The files of a rendered folder: `compose.yaml`, the components' configuration files, `.env` and `.gitignore`.
 * The same resources give the same bytes. No file holds a secret value: secrets are named by the path at which `up`
 * delivers them.
 */
export function renderCompose(resources: ComposeResources): readonly RenderedFile[] {
  const files: RenderedFile[] = [
    { path: "compose.yaml", content: composeFile(resources), mode: 0o644 },
    { path: ".env", content: dotEnv(resources), mode: 0o600, ignoredByGit: true },
    { path: ".gitignore", content: gitignore, mode: 0o644 },
    ...resources.configFiles.map(({ path, content }) => ({ path, content, mode: 0o644 })),
  ];
  return files.sort((a, b) => compareText(a.path, b.path));
}

function composeFile(resources: ComposeResources): string {
  const document: YamlMapping = {
    entries: [
      ...section("services", resources.services.map(renderService)),
      ...section("networks", resources.networks.map(renderNetwork)),
      ...section("volumes", resources.volumes.map(renderVolume)),
      ...section("secrets", resources.secretFiles.filter(({ mountedBy }) => mountedBy === "file").map(renderSecret)),
    ],
  };
  return `${header(resources.project)}${document.entries.length === 0 ? "services: {}\n" : writeYaml(document)}`;
}

function section(key: string, entries: readonly YamlEntry[]): YamlEntry[] {
  if (entries.length === 0) return [];
  const spaced = entries.map((entry, index) => ({ ...entry, apart: index > 0 }));
  return [{ key, value: { entries: spaced }, apart: true }];
}

function header(project: string): string {
  return [
    "# Written by Ringwall from stack.yaml. Edit stack.yaml and run `ringwall render`; changes made here are lost.",
    `# The project's name is "${project}"; .env gives it to Compose, since version 1 of Compose refuses it in this file.`,
    "",
  ].join("\n");
}

function dotEnv(resources: ComposeResources): string {
  return [
    "# Written by Ringwall from stack.yaml. Holds no secret.",
    `COMPOSE_PROJECT_NAME=${resources.project}`,
    "",
  ].join("\n");
}

/** The second line is for what a render that was cut off leaves beside its files. */
const gitignore = ["# Written by Ringwall.", ".env", ".*.part", ""].join("\n");
