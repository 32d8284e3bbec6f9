import type { OpenDoorway } from "../../facts/configuration/service.ts";
import { complete, type FactList, incomplete } from "../../facts/fact.ts";
import { wholeFile } from "../../lib/place.ts";
import type { ConfigFacts, ConfigFormat, ConfigInput } from "../config-format.ts";
import { configurationFile } from "../configuration-file.ts";
import { withoutComments } from "./without-comments.ts";

/**
 * Node-RED: whether its editor, in which flows run code, asks for a login. The file is a program and is not run: that
 * `adminAuth` is there at all is what is looked for.
 *
 * Source: nodered.org, "Securing Node-RED" (without `adminAuth` in `settings.js` everybody edits).
 */
export const nodeRedFormat: ConfigFormat = {
  name: "Node-RED settings",
  mayBe: (path) => /(?:^|\/)settings\.js$/.test(path),
  recognises: (_path, text) =>
    /\bmodule\.exports\b/.test(text) && /\b(?:uiPort|flowFile|functionGlobalContext|credentialSecret)\b/.test(text),
  startsAt: /^\/data\/settings\.js$/,
  readsOthers: () => false,
  read(input: ConfigInput): ConfigFacts {
    const openDoors = doorsOf(input);
    return { subjects: [configurationFile(input, { software: "node-red", openDoors })], problems: [], sources: [] };
  },
};

function doorsOf({ file: { source, text } }: ConfigInput): FactList<OpenDoorway> {
  const place = wholeFile(source);
  const code = withoutComments(text);
  if (/\badminAuth\b/.test(code)) return complete([], place);
  // What the scan takes for a comment or a text may be code all the same.
  if (/^[ \t]*["']?adminAuth\b/m.test(text))
    return incomplete([], "whether `adminAuth` is commented out is not seen", place);
  if (/\.\.\.|\bObject\.assign\b|\bmodule\.exports\s*=(?!\s*\{)/.test(code))
    return incomplete([], "its settings come of other files too", place);
  const what = "whoever reaches its editor changes the flows, and so runs code";
  return complete([{ what, allows: "orders", name: "adminAuth", place }], place);
}
