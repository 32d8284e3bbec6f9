/**
 * What a machine's first start tells of its SSH server: `ssh_pwauth` writes `PasswordAuthentication`, and so does the
 * installer's `ssh.allow-pw`; `disable_root: false` leaves root's keys as they are; files and commands may write the rest.
 *
 * Sources: cloudinit.readthedocs.io, modules "Set Passwords" and "SSH"; cloudinit/config/cc_set_passwords.py; Ubuntu's
 * autoinstall reference.
 */
import {
  type SshdConfiguration,
  type SshdKeyword,
  type SshdSetting,
  sshdKeywords,
} from "../../facts/configuration/sshd.ts";
import { complete, type Fact, stated, unknown, unstated } from "../../facts/fact.ts";
import type { Place } from "../../lib/place.ts";
import { child, type TreeNode } from "../tree.ts";
import { commandsOf, type FirstStart, textOf } from "./document.ts";
import { asPut } from "./sed.ts";
import { writtenFiles } from "./written-files.ts";

/** Undefined where it says nothing of it. */
export function sshdOfFirstStart(start: FirstStart, place: Place): SshdConfiguration | undefined {
  const { configs, installer } = start;
  const nodes = [...configs.map((config) => child(config, "ssh_pwauth")), child(child(installer, "ssh"), "allow-pw")];
  const passwords = nodes.flatMap((node) => (node === undefined ? [] : [passwordFact(node)]));
  const root = rootFact(start);
  const written = passwordWritten(start);
  if (passwords.length === 0 && root === undefined && written === undefined) return undefined;
  const told = passwords.find(({ kind }) => kind === "stated") ?? passwords[0] ?? unstated(place);
  const settings = Object.fromEntries(sshdKeywords.map((keyword) => [keyword, setting(unstated(place))]));
  return {
    software: "sshd",
    extent: "part",
    ofFirstStart: true,
    settings: {
      ...settings,
      passwordauthentication: setting(written ?? told),
      permitrootlogin: setting(root ?? unstated(place)),
    } as Record<SshdKeyword, SshdSetting>,
    exceptions: complete([], place),
  };
}

function setting(value: Fact<string>): SshdSetting {
  return { value, behind: undefined };
}

/** Booleans and their words; `unchanged` leaves the image's own. */
function passwordFact(node: TreeNode): Fact<string> {
  const text = node.kind === "scalar" && node.unresolved === undefined ? String(node.value).toLowerCase() : "?";
  if (/^(?:true|yes|on|1)$/.test(text)) return stated("yes", node.place);
  if (/^(?:false|no|off|0)$/.test(text)) return stated("no", node.place);
  return text === "unchanged" || text === "null"
    ? unstated(node.place)
    : unknown("`ssh_pwauth` is neither true nor false", node.place);
}

function rootFact(start: FirstStart): Fact<string> | undefined {
  const written = writing("PermitRootLogin", start);
  if (written !== undefined) return stated("yes", written);
  const node = start.configs.map((config) => child(config, "disable_root")).find((one) => one !== undefined);
  return node !== undefined && /^(?:false|no|off|0)$/i.test(textOf(node))
    ? stated("prohibit-password", node.place)
    : undefined;
}

function passwordWritten(start: FirstStart): Fact<string> | undefined {
  const place = writing("PasswordAuthentication", start);
  return place === undefined ? undefined : stated("yes", place);
}

const yes = {
  PermitRootLogin: /(?:^|[\s'"])PermitRootLogin[ \t]{1,20}yes\b/m,
  PasswordAuthentication: /(?:^|[\s'"])PasswordAuthentication[ \t]{1,20}yes\b/m,
};
const ofSshd = /\/etc\/ssh\/sshd_config(?:\.d\/|$|\s|['"])/;

/** Where a file or a command sets a keyword to `yes`. */
function writing(keyword: keyof typeof yes, start: FirstStart): Place | undefined {
  for (const { path, node } of writtenFiles(start)) {
    const content = child(node, "content");
    const lines = textOf(content).split("\n");
    if (
      content !== undefined &&
      ofSshd.test(path) &&
      lines.some((line) => !/^\s*#/.test(line) && yes[keyword].test(line))
    )
      return content.place;
  }
  return commandsOf(start).find((command) => setsIt(command, keyword))?.place;
}

function setsIt(command: TreeNode, keyword: keyof typeof yes): boolean {
  const text = command.kind === "sequence" ? command.items.map(textOf).join(" ") : textOf(command);
  return ofSshd.test(text) && yes[keyword].test(asPut(text));
}
