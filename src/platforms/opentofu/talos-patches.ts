/**
 * What OpenTofu tells Talos's machines: patches of their configuration, judged as a file of that text would be.
 *
 * Source: the provider siderolabs/talos 0.9, `talos_machine_configuration` and `talos_machine_configuration_apply`
 * (`config_patches`), and the resources that were there before it.
 */
import type { RepositoryFile } from "../../facts/subjects.ts";
import type { ConfigFacts } from "../../formats/config-format.ts";
import { configurationFile } from "../../formats/configuration-file.ts";
import { talosFormat, talosPatch } from "../../formats/talos/index.ts";
import type { ScalarNode, TreeNode } from "../../formats/tree.ts";
import { describePlace, type Source } from "../../lib/place.ts";
import { alone } from "../proxy-files.ts";
import type { FirstStarts, FirstStartsInput } from "./first-starts.ts";
import { templateOf } from "./template-of.ts";

const ofMachines = /^talos_machine_configuration(?:_apply|_controlplane|_worker)?$/;
/** What a variable fills in stands in a text as it is written. */
const filled = /[$%]\{/;

export function talosPatchesOf(input: Omit<FirstStartsInput, "isRead">): FirstStarts {
  const told = new Set<string>();
  const facts: ConfigFacts[] = [];
  const sources = new Set<Source>();
  for (const { address, type, attributes } of input.configuration.resources) {
    if (!ofMachines.test(type)) continue;
    const { entries } = attributes;
    for (const node of [entries.get("config_patches")?.value, entries.get("config_patch")?.value].flatMap(textsIn)) {
      const template = templateOf(node, input.repository, talosFormat);
      if (template?.standsByItself === true && template.text === node.value) continue;
      if (template !== undefined) sources.add(template.source);
      const { subject, problems } = read(node, address, template?.source.path, input);
      // Machines that are told the same at one place are told of once.
      const key = `${describePlace(node.place)}\0${JSON.stringify(subject?.configuration)}`;
      if (told.has(key)) continue;
      told.add(key);
      facts.push({ subjects: subject === undefined ? [] : [subject], problems, sources: [] });
    }
  }
  return { facts, sources: [...sources] };
}

function textsIn(node: TreeNode | undefined): readonly ScalarNode[] {
  if (node?.kind === "sequence") return node.items.flatMap(textsIn);
  return node?.kind === "scalar" && typeof node.value === "string" && node.place.kind === "file" ? [node] : [];
}

function read(
  node: ScalarNode,
  address: string,
  template: string | undefined,
  { repository, system }: Omit<FirstStartsInput, "isRead">,
): { readonly subject: RepositoryFile | undefined; readonly problems: ConfigFacts["problems"] } {
  const text = String(node.value);
  const { configuration, problems } = talosPatch(text, node.place, filled);
  const path = template ?? (node.place.kind === "file" ? node.place.source.path : "");
  const file = repository.files.read(repository.pathOf(path));
  // What is filled in may well make it right.
  const told = filled.test(text) ? [] : problems;
  if (configuration === undefined || !file.ok) return { subject: undefined, problems: told };
  const input = { ...alone(repository, file, repository.pathOf(path)), system, owner: undefined };
  const subject = configurationFile(input, configuration);
  const named = { ...subject, ref: { ...subject.ref, name: `${path}: ${address}` }, isPart: true as const };
  return { subject: { ...named, place: node.place }, problems: told };
}
