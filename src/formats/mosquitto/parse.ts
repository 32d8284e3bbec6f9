import { type Place, placeAt, type Source } from "../../lib/place.ts";

/** One line of `mosquitto.conf`: a name and what stands behind it. */
export interface MosquittoOption {
  readonly name: string;
  readonly value: string;
  readonly place: Place;
}

/** The options in their order; comments are lines that begin with `#`. Source: mosquitto.conf(5) of 2.0.22. */
export function mosquittoOptions(source: Source, text: string): readonly MosquittoOption[] {
  const options: MosquittoOption[] = [];
  let at = 0;
  for (const line of text.split("\n")) {
    const content = line.trim();
    const start = at + line.indexOf(content);
    at += line.length + 1;
    if (content === "" || content.startsWith("#")) continue;
    const space = content.search(/\s/);
    options.push({
      name: space === -1 ? content : content.slice(0, space),
      value: space === -1 ? "" : content.slice(space + 1).trim(),
      place: placeAt(source, start, start + content.length),
    });
  }
  return options;
}
