/**
 * What a machine's first start (`#cloud-config`) tells of its SSH server: `ssh_pwauth` writes `PasswordAuthentication`.
 *
 * Source: cloudinit.readthedocs.io, module "Set Passwords"; cloudinit/config/cc_set_passwords.py.
 */
import {
  type SshdConfiguration,
  type SshdKeyword,
  type SshdSetting,
  sshdKeywords,
} from "../../facts/configuration/sshd.ts";
import { complete, type Fact, stated, unknown, unstated } from "../../facts/fact.ts";
import { wholeFile } from "../../lib/place.ts";
import type { ConfigFacts, ConfigFormat, ConfigInput } from "../config-format.ts";
import { configurationFile } from "../configuration-file.ts";
import { child, type TreeNode } from "../tree.ts";
import { parseYaml } from "../yaml/parse.ts";

export const cloudInitFormat: ConfigFormat = {
  name: "cloud-config",
  mayBe: (path) =>
    /(?:^|\/)[^/]*(?:user|vendor)[-_]?data[^/]*$|(?:^|\/)[^/]*cloud[-_](?:init|config)[^/]*$/i.test(path),
  recognises: (_path, text) => /^(?:## template: jinja\r?\n)?#cloud-config\s/.test(text) && telling.test(text),
  read,
};

/** As YAML writes it, as `yamlencode` does, and as JSON does. */
const telling = /(?:^|[{,])[ \t]*["']?ssh_pwauth["']?[ \t]*:/m;

function read(input: ConfigInput): ConfigFacts {
  const { documents, problems } = parseYaml(input.file.source, input.file.text);
  const place = wholeFile(input.file.source);
  const nothing: SshdSetting = { value: unstated(place), behind: undefined };
  const settings = Object.fromEntries(sshdKeywords.map((keyword) => [keyword, nothing]));
  const passwords: SshdSetting = { value: passwordFact(child(documents[0], "ssh_pwauth"), place), behind: undefined };
  const configuration: SshdConfiguration = {
    software: "sshd",
    extent: "part",
    settings: { ...settings, passwordauthentication: passwords } as Record<SshdKeyword, SshdSetting>,
    exceptions: complete([], place),
  };
  return { subjects: [configurationFile(input, configuration)], problems, sources: [] };
}

/** Booleans and their words; `unchanged` leaves the image's own. */
function passwordFact(node: TreeNode | undefined, place: SshdSetting["value"]["place"]): Fact<string> {
  if (node === undefined) return unstated(place);
  const text = node.kind === "scalar" && node.unresolved === undefined ? String(node.value).toLowerCase() : "?";
  if (/^(?:true|yes|on|1)$/.test(text)) return stated("yes", node.place);
  if (/^(?:false|no|off|0)$/.test(text)) return stated("no", node.place);
  return text === "unchanged" || text === "null"
    ? unstated(node.place)
    : unknown("`ssh_pwauth` is neither true nor false", node.place);
}
