import type { ServiceConfiguration } from "../../facts/configuration/service.ts";
import { type Source, wholeFile } from "../../lib/place.ts";
import type { ConfigFacts, ConfigFormat, ConfigInput } from "../config-format.ts";
import { configurationFile } from "../configuration-file.ts";
import { unlessMoved } from "../own-ports.ts";
import { includedFiles } from "../proxy/included-files.ts";
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
  readsOthers: (text) => /^[^\S\r\n]*include_dir\b/m.test(text),
  read,
};

function read(input: ConfigInput): ConfigFacts {
  const { file } = input;
  const own = mosquittoOptions(file.source, file.text);
  const included = includedOptions(own, input);
  const place = wholeFile(file.source);
  const options = [...own, ...included.options];
  const configuration = whereToldTo(readMosquitto(options, place, included.unread, isBefore2(input)), input);
  return {
    subjects: [configurationFile(input, configuration)],
    problems: problemsOf(options),
    sources: included.sources,
  };
}

/** `-p` opens further ports, before 2.0 beside the file's own. Source: mosquitto(8). */
function whereToldTo(configuration: ServiceConfiguration, input: ConfigInput): ServiceConfiguration {
  const { ports, openDoors } = configuration;
  const unless = (own: NonNullable<typeof ports>) => unlessMoved(own, input, /(?:^|\s)(?:-p|--port)\b/);
  return {
    ...configuration,
    ...(ports === undefined ? {} : { ports: unless(ports) }),
    ...(openDoors === undefined
      ? {}
      : {
          openDoors: {
            ...openDoors,
            items: openDoors.items.map((door) =>
              door.ports === undefined ? door : { ...door, ports: unless(door.ports) },
            ),
          },
        }),
  };
}

/** By the tag of the project's image (`1.6.15`), which is the broker's version. */
function isBefore2({ image, imageTag }: ConfigInput): boolean {
  return /(?:^|\/)eclipse-mosquitto$/.test(image ?? "") && /^1(?:[.-]|$)/.test(imageTag ?? "");
}

/** `include_dir`: every `.conf` of a folder, by name. One that is not here leaves what it says open. */
function includedOptions(
  own: readonly MosquittoOption[],
  input: ConfigInput,
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
    const included = includedFiles(`${value}/*.conf`, "", input);
    if ("why" in included || included.missing !== undefined) unread ??= `what stands in ${value} is not in these files`;
    for (const { file } of "files" in included ? included.files : []) {
      options.push(...mosquittoOptions(file.source, file.text));
      sources.push(file.source);
    }
  }
  return { options, sources, unread };
}
