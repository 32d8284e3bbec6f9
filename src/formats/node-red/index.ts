import type { OpenDoorway } from "../../facts/configuration/service.ts";
import { complete, defaulted, type Fact, type FactList, incomplete, stated, unknown } from "../../facts/fact.ts";
import { type Place, wholeFile } from "../../lib/place.ts";
import type { ConfigFacts, ConfigFormat, ConfigInput } from "../config-format.ts";
import { configurationFile } from "../configuration-file.ts";
import { portsIn, portVariable, unlessMoved } from "../own-ports.ts";
import { withoutComments } from "./without-comments.ts";

/**
 * Node-RED: whether its editor, in which flows run code, asks for a login. The file is a program and is not run: that
 * `adminAuth` is there at all is what is looked for, and whether it names permissions for whoever has not signed in.
 *
 * Source: nodered.org, "Securing Node-RED" (without `adminAuth` in `settings.js` everybody edits) and there "Setting a
 * default user" (`default: { permissions: "read" }` lets everybody look); node-red/node-red, `red.js` (`uiPort` is 1880;
 * `--port`, and `--define` of a setting, go before the file).
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
    const ports = unlessMoved(portsOf(input), input, /(?:^|\s)(?:-p|-D|--port|--define)\b/);
    return {
      subjects: [configurationFile(input, { software: "node-red", openDoors, ports })],
      problems: [],
      sources: [],
    };
  },
};

/** A number, or the variable that the file which Node-RED makes for itself asks first. */
const portSetting =
  /(?<![\w$.])["']?uiPort["']?\s{0,40}:\s{0,40}(process\.env\.PORT\s{0,40}\|\|\s{0,40})?(\d{1,5})\s{0,40}[,}\n]/;

function portsOf(input: ConfigInput): Fact<readonly number[]> {
  const { source, text } = input.file;
  const place = wholeFile(source);
  const code = withoutComments(text);
  if (!/\buiPort\b/.test(text)) return defaulted([1880], "program", place);
  const [, asks, port] = portSetting.exec(code) ?? [];
  const isOnly = code.split("uiPort").length === 2;
  if (port === undefined || !isOnly) {
    // What is commented out leaves it as it comes.
    return /\buiPort\b/.test(code) || /^[ \t]*["']?uiPort\b/m.test(text)
      ? unknown("`uiPort` is worked out when it starts", place)
      : defaulted([1880], "program", place);
  }
  const given = asks === undefined ? undefined : portVariable(input, "PORT");
  return portsIn(given ?? stated(Number(port), place));
}

const permissionsOfAll =
  /(?<![\w$.])["']?default["']?\s{0,40}:\s{0,40}\{\s{0,40}["']?permissions["']?\s{0,40}:([^{}]{0,200})/;

/** What whoever has not signed in may do: `*` is everything, `read` and its like (`flows.read`) is to look. */
function doorOfDefault(code: string, place: Place): readonly OpenDoorway[] {
  const [, permissions] = permissionsOfAll.exec(code) ?? [];
  if (permissions === undefined) return [];
  const edits = /["'](?:\*|(?:[\w-]+\.)?write)["']/.test(permissions);
  const what = edits
    ? "whoever has not signed in (`default`) changes the flows, and so runs code"
    : "whoever has not signed in (`default`) sees the flows";
  return [{ what, allows: edits ? "orders" : "reading", name: "default", place }];
}

function doorsOf({ file: { source, text } }: ConfigInput): FactList<OpenDoorway> {
  const place = wholeFile(source);
  const code = withoutComments(text);
  if (/\badminAuth\b/.test(code)) return complete(doorOfDefault(code, place), place);
  // What the scan takes for a comment or a text may be code all the same.
  if (/^[ \t]*["']?adminAuth\b/m.test(text))
    return incomplete([], "whether `adminAuth` is commented out is not seen", place);
  if (/\.\.\.|\bObject\.assign\b|\bmodule\.exports\s*=(?!\s*\{)/.test(code))
    return incomplete([], "its settings come of other files too", place);
  const what = "whoever reaches its editor changes the flows, and so runs code";
  return complete([{ what, allows: "orders", name: "adminAuth", place }], place);
}
