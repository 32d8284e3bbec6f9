import type { TalosConfiguration, TalosMachine } from "../../facts/configuration/talos.ts";
import type { RepositoryFile } from "../../facts/subjects.ts";
import type { InputProblem } from "../../facts/system.ts";
import type { Place } from "../../lib/place.ts";
import type { ConfigFacts, ConfigFormat, ConfigInput } from "../config-format.ts";
import { configurationFile } from "../configuration-file.ts";
import { Fields } from "../fields.ts";
import { withTemplated } from "../template/blank.ts";
import { type TalosDocuments, talosDocuments } from "./documents.ts";
import { kernelArguments, machineOf } from "./machine.ts";
import {
  documentsAt,
  type InlinePatch,
  inlinePatches,
  isJsonPatch,
  unreadJsonPatch,
  unreadManifests,
} from "./patches.ts";
import { mayBeTalos, talosForm } from "./recognise.ts";
import { talosSecrets } from "./secrets.ts";

/** Talos's machine configuration, whole or in patches, with talosctl's own file, secrets, talhelper's and schematics. */
export const talosFormat: ConfigFormat = {
  name: "Talos machine configuration",
  mayBe: mayBeTalos,
  recognises: (_, text) => talosForm(text) !== undefined || isJsonPatch(text),
  read,
};

function read(input: ConfigInput): ConfigFacts {
  const { file } = input;
  const recognised = talosForm(file.text);
  const documents = talosDocuments(file);
  if (recognised === undefined && isJsonPatch(file.text))
    return { subjects: [], problems: [unreadJsonPatch(documents.place)], sources: [] };
  const form = recognised ?? "machine";
  const machine = machineIn(form, documents);
  const configuration: TalosConfiguration = {
    software: "talos",
    form,
    secrets: talosSecrets(documents),
    ...(machine === undefined ? {} : { machine }),
  };
  const inline = form === "talhelper" ? inlinePatches(file, documents.all[0]) : { patches: [], problems: [] };
  const problems = [documents, ...inline.patches.map((patch) => patch.documents)].flatMap((each) => [
    ...each.problems,
    ...unreadManifests(each),
  ]);
  return {
    subjects: [configurationFile(input, configuration), ...inline.patches.map((patch) => patchSubject(patch, input))],
    problems: [...problems, ...inline.problems],
    sources: [],
  };
}

/** A patch in a text is judged as one in a file of its own would be. */
function patchSubject({ name, documents }: InlinePatch, input: ConfigInput): RepositoryFile {
  return {
    ...configurationFile({ ...input, path: `${input.path}: ${name}` }, configurationIn(documents)),
    place: documents.place,
  };
}

/**
 * A machine's configuration, or a patch of one, that stands in a text of an object: `place` stands for all of it. `filled`
 * finds in a value what is filled in. Undefined for a list of operations, which is told.
 */
export function talosPatch(
  text: string,
  place: Place,
  filled?: RegExp,
): { readonly configuration: TalosConfiguration | undefined; readonly problems: readonly InputProblem[] } {
  const read = documentsAt(text, place);
  const documents =
    filled === undefined ? read : { ...read, all: read.all.map((node) => withTemplated(node, false, filled)) };
  if (documents.all.some(({ kind }) => kind === "sequence"))
    return { configuration: undefined, problems: [unreadJsonPatch(place)] };
  return {
    configuration: configurationIn(documents),
    problems: [...documents.problems, ...unreadManifests(documents)],
  };
}

function configurationIn(documents: TalosDocuments): TalosConfiguration {
  return { software: "talos", form: "machine", secrets: talosSecrets(documents), machine: machineOf(documents) };
}

/** A schematic is baked into the image; of all that a machine is told it holds the kernel's arguments alone. */
function machineIn(form: TalosConfiguration["form"], documents: TalosDocuments): TalosMachine | undefined {
  if (form === "machine") return machineOf(documents);
  if (form !== "schematic") return undefined;
  const root = Fields.of(documents.all[0], documents.place, "schematic", documents.hidden);
  return {
    ...machineOf({ ...documents, all: [] }),
    kernelArguments: kernelArguments(root.fields("customization"), "extraKernelArgs"),
  };
}
