import { type Source, wholeFile } from "../../lib/place.ts";
import { pathIndexOf } from "../../repository/path-index.ts";
import type { ConfigFacts, ConfigFormat, ConfigInput } from "../config-format.ts";
import { configurationFile } from "../configuration-file.ts";
import { type MosquittoOption, mosquittoOptions } from "./parse.ts";
import { readMosquitto } from "./read.ts";
import { problemsOf } from "./values.ts";

/** The configuration of the MQTT broker Mosquitto. */
export const mosquittoFormat: ConfigFormat = {
  name: "mosquitto.conf",
  mayBe: (path) => /mosquitto[^/]*\.conf$|mosquitto\/(?:.*\/)?[^/]+\.conf$/i.test(path),
  recognises: (_path, text) =>
    /^[^\S\r\n]*(?:listener|allow_anonymous|per_listener_settings|password_file|persistence|persistence_location|acl_file|include_dir|log_dest|port)\b/m.test(
      text,
    ),
  read,
};

function read(input: ConfigInput): ConfigFacts {
  const { file } = input;
  const own = mosquittoOptions(file.source, file.text);
  const included = includedOptions(own, input);
  const place = wholeFile(file.source);
  const options = [...own, ...included.options];
  const configuration = readMosquitto(options, place, included.unread);
  return {
    subjects: [configurationFile(input, configuration)],
    problems: problemsOf(options),
    sources: included.sources,
  };
}

/** `include_dir`: every `.conf` of a folder, by name. One that is not here leaves what it says open. */
function includedOptions(
  own: readonly MosquittoOption[],
  { locate, files, paths }: ConfigInput,
): {
  readonly options: readonly MosquittoOption[];
  readonly sources: readonly Source[];
  readonly unread: string | undefined;
} {
  const options: MosquittoOption[] = [];
  const sources: Source[] = [];
  let unread: string | undefined;
  for (const { name, value } of own) {
    if (name !== "include_dir") continue;
    const folder = locate(value);
    const found =
      folder === undefined
        ? []
        : pathIndexOf(paths)
            .in(folder)
            .filter((path) => path.endsWith(".conf"));
    if (found.length === 0) unread ??= `what stands in ${value} is not in these files`;
    for (const path of found) {
      const text = files.read(path);
      if (!text.ok) continue;
      options.push(...mosquittoOptions(text.source, text.text));
      sources.push(text.source);
    }
  }
  return { options, sources, unread };
}
