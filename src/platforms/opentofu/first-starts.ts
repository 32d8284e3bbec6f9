/**
 * What machines of other providers than Incus's are told at their first start, judged as a file of that text would be.
 */
import { knownValue } from "../../facts/fact.ts";
import type { AnySubject } from "../../facts/subjects.ts";
import { cloudInitFormat } from "../../formats/cloud-init/index.ts";
import type { ConfigFacts } from "../../formats/config-format.ts";
import type { TofuConfiguration } from "../../formats/hcl/module/configuration.ts";
import { describePlace, type Place, Source } from "../../lib/place.ts";
import type { Repository } from "../../repository/repository.ts";
import { alone } from "../proxy-files.ts";
import { inFile } from "../text-in-file.ts";
import { type HandedText, handedTexts } from "./handed-texts.ts";
import { lineFinder } from "./line-finder.ts";
import { type Template, templateOf } from "./template-of.ts";

export interface FirstStarts {
  readonly facts: readonly ConfigFacts[];
  /** Templates that were read as what they come to. */
  readonly sources: readonly Source[];
}

export interface FirstStartsInput {
  readonly configuration: TofuConfiguration;
  readonly repository: Repository;
  readonly system: string;
  /** Types of resources whose texts somebody else judges. */
  isRead(type: string): boolean;
}

export function firstStartsOf(input: FirstStartsInput): FirstStarts {
  const told = new Set<string>();
  const facts: ConfigFacts[] = [];
  const sources = new Set<Source>();
  for (const handed of handedTexts(input.configuration, input.isRead)) {
    const template = templateOf(handed.node, input.repository, cloudInitFormat);
    // What is a file as it stands is read there.
    if (template?.standsByItself === true && template.text === handed.text) continue;
    if (template !== undefined) sources.add(template.source);
    const read = factsOf(handed, template, input);
    // Machines that are told the same at one place are told of once.
    const key = `${describePlace(handed.node.place)}\0${whatIsSaid(read)}`;
    if (told.has(key)) continue;
    told.add(key);
    facts.push(read);
  }
  return { facts, sources: [...sources] };
}

function factsOf(
  { to, node, text, lines }: HandedText,
  template: Template | undefined,
  { repository, system }: FirstStartsInput,
): ConfigFacts {
  const own = node.place.kind === "file" ? node.place.source.path : "";
  const path = template?.source.path ?? own;
  const source = new Source(path, text);
  const input = alone(repository, { ok: true, path, text, source, mode: undefined }, repository.pathOf(path));
  const find =
    lines === undefined
      ? lineFinder({ source, text }, writtenAt(node.place, template, repository))
      : (offset: number) => lines[source.locate(offset).line - 1];
  const placeOf = (at: Place): Place => {
    if (at.kind !== "file" || at.source !== source) return at;
    return (at.whole === true ? undefined : find(at.offset)) ?? node.place;
  };
  const facts = inFile(cloudInitFormat.read({ ...input, system }), `${path}: ${to}`, placeOf);
  return { ...facts, subjects: facts.subjects.map(named) };
}

/** Beside what it says of the SSH server, which is named as well. */
function named(subject: AnySubject): AnySubject {
  if (subject.kind !== "repository-file" || subject.configuration?.software !== "cloud-init") return subject;
  return { ...subject, ref: { ...subject.ref, name: `${subject.ref.name} (first start)` } };
}

function writtenAt(place: Place, template: Template | undefined, repository: Repository) {
  if (template !== undefined) return { source: template.source, text: template.text, from: 0 };
  if (place.kind !== "file") return undefined;
  const file = repository.files.read(repository.pathOf(place.source.path));
  return file.ok ? { source: place.source, text: file.text, from: place.offset } : undefined;
}

/** What a control would judge, without where it stands. */
function whatIsSaid({ subjects }: ConfigFacts): string {
  const said = subjects.map((subject) => {
    const configuration = subject.kind === "repository-file" ? subject.configuration : undefined;
    if (configuration?.software === "cloud-init") {
      const { risks, secrets } = configuration;
      return [risks.complete, risks.items.map(({ kind, what }) => [kind, what]), secrets.items.map(({ what }) => what)];
    }
    if (configuration?.software !== "sshd") return configuration;
    const { passwordauthentication: passwords, permitrootlogin: root } = configuration.settings;
    return [passwords.value, root.value].map((value) => knownValue(value) ?? value.kind);
  });
  return JSON.stringify(said);
}
