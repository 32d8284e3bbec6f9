import type { TalosConfiguration, TalosMachine } from "../../facts/configuration/talos.ts";
import type { ConfigFacts, ConfigFormat, ConfigInput } from "../config-format.ts";
import { configurationFile } from "../configuration-file.ts";
import { Fields } from "../fields.ts";
import { type TalosDocuments, talosDocuments } from "./documents.ts";
import { kernelArguments, machineOf } from "./machine.ts";
import { mayBeTalos, talosForm } from "./recognise.ts";
import { talosSecrets } from "./secrets.ts";

/** Talos's machine configuration, whole or in patches, with talosctl's own file, secrets, talhelper's and schematics. */
export const talosFormat: ConfigFormat = {
  name: "Talos machine configuration",
  mayBe: mayBeTalos,
  recognises: (_, text) => talosForm(text) !== undefined,
  read,
};

function read(input: ConfigInput): ConfigFacts {
  const form = talosForm(input.file.text) ?? "machine";
  const documents = talosDocuments(input.file);
  const machine = machineIn(form, documents);
  const configuration: TalosConfiguration = {
    software: "talos",
    form,
    secrets: talosSecrets(documents),
    ...(machine === undefined ? {} : { machine }),
  };
  return { subjects: [configurationFile(input, configuration)], problems: documents.problems, sources: [] };
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
