import type { ClusterConfiguration } from "../../facts/configuration/cluster.ts";
import { placeAt } from "../../lib/place.ts";
import type { ConfigFacts, ConfigFormat, ConfigInput } from "../config-format.ts";
import { configurationFile } from "../configuration-file.ts";
import { Fields } from "../fields.ts";
import { readK3s } from "../kubernetes-cluster/k3s.ts";
import { configurationOf } from "../kubernetes-cluster/settings.ts";
import { documentOf } from "./document.ts";
import { type K3sStart, K3sStarts, mayStart } from "./starts.ts";

/** Scripts that install or start k3s, and units of systemd that do: what they tell it is judged as its file is. */
export const k3sStartFormat: ConfigFormat = {
  name: "start of k3s",
  mayBe: (path) => /\.(?:service|sh|bash)(?:\.(?:j2|tmpl|tpl|tftpl|erb))?$/i.test(path),
  recognises: (path, text) =>
    mayStart.test(text) && startsIn(path, text, () => ({ kind: "nowhere", why: "" })).length > 0,
  readsOthers: () => false,
  read,
};

function read(input: ConfigInput): ConfigFacts {
  const { path, file } = input;
  const starts = startsIn(path, file.text, (offset) => placeAt(file.source, offset));
  const subjects = starts.map((start) => {
    const subject = configurationFile(input, clusterOfStart(start));
    return { ...subject, place: start.place };
  });
  return { subjects, problems: [], sources: [] };
}

function startsIn(path: string, text: string, placeOf: Parameters<K3sStarts["script"]>[1]): readonly K3sStart[] {
  const starts = new K3sStarts();
  if (/\.service(?:\.|$)/i.test(path)) inUnit(text, starts, placeOf);
  else starts.script(text, placeOf);
  return starts.found;
}

/** `ExecStart=`, whose words stand on lines that a backslash joins as a shell does. */
function inUnit(text: string, starts: K3sStarts, placeOf: Parameters<K3sStarts["script"]>[1]): void {
  const command = /^ExecStart=[-@:+!]*((?:[^\n\\]|\\[^\n]|\\\n)*)/gm;
  for (const match of text.matchAll(command)) {
    const [whole, line = ""] = match;
    const from = match.index + whole.length - line.length;
    starts.script(line, (offset) => placeOf(from + offset));
  }
}

/** What k3s is told where it is started; another file may say more. */
export function clusterOfStart(start: K3sStart): ClusterConfiguration {
  const { place } = start;
  const document = Fields.of(documentOf(start), place, "arguments");
  return configurationOf("k3s", readK3s(document, "k3s", false), { place, broken: undefined });
}
