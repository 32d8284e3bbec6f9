import type { CloudInitConfiguration, CloudInitSecret } from "../../facts/configuration/cloud-init.ts";
import type { CommandRisk } from "../../facts/configuration/command-risk.ts";
import { complete, type FactList, incomplete } from "../../facts/fact.ts";
import type { RepositoryFile } from "../../facts/subjects.ts";
import { type Place, type Source, wholeFile } from "../../lib/place.ts";
import type { ConfigFacts, ConfigFormat, ConfigInput } from "../config-format.ts";
import { configurationFile } from "../configuration-file.ts";
import { secretsPart } from "../secrets-part.ts";
import { child, type TreeNode } from "../tree.ts";
import { clustersOf } from "./clusters.ts";
import { includedRisk, risksOfNodes, risksOfPart } from "./commands.ts";
import { commandsOf, type FirstStart, isBoothook, isCloudConfig, isShellScript, itemsOf, textOf } from "./document.ts";
import { packageRisks } from "./packages.ts";
import { isOfParts, type StartParts, startParts } from "./parts.ts";
import { type FirstPassword, passwordsIn } from "./passwords.ts";
import { type ReadStart, readStart } from "./read-start.ts";
import { sshdOfFirstStart } from "./sshd.ts";
import { encodedSecrets, modeRisks, writtenFiles } from "./written-files.ts";

/**
 * What a machine is told to do at its first start: a `#cloud-config`, a script or several parts for cloud-init, and the answers that
 * Ubuntu's installer gets (`autoinstall`), as they are kept for Packer, Proxmox, Terraform and their like.
 */
export const cloudInitFormat: ConfigFormat = {
  name: "cloud-config",
  mayBe: (path) =>
    /(?:^|\/)[^/]*(?:(?:user|vendor)[-_]?data|cloud[-_]?(?:init|config)|auto[-_]?install)[^/]*$/i.test(path) ||
    /(?:^|\/)(?:cloud[-_]?(?:init|config)s?|user[-_]?data|nocloud|seed|snippets|http|cidata)\/[^/]+\.(?:ya?ml|cfg)(?:\.\w{1,8})?$/i.test(
      path,
    ),
  recognises: (path, text) =>
    isCloudConfig.test(text) ||
    isInstallers(path, text) ||
    isWithoutHead(path, text) ||
    (isUserData.test(path) && (isShellScript.test(text) || isBoothook.test(text) || isOfParts(text))),
  readsOthers: () => false,
  read,
};

const isUserData = /(?:^|\/)[^/]*(?:user|vendor)[-_]?data[^/]*$/i;

const ownKeys =
  /^(?:bootcmd|runcmd|write_files|package_(?:update|upgrade)|packages|ssh_authorized_keys|ssh_pwauth|users|chpasswd|disable_root):/gm;

/** Multipass writes the first line itself: two keys tell one by a name that says what it is. */
function isWithoutHead(path: string, text: string): boolean {
  return /(?:^|\/)[^/]*cloud[-_]?(?:init|config)[^/]*\.ya?ml$/i.test(path) && new Set(text.match(ownKeys)).size > 1;
}

function isInstallers(path: string, text: string): boolean {
  if (!/auto[-_]?install|(?:^|\/)user-data/i.test(path)) return false;
  return /^autoinstall:/m.test(text) || (/^version: 1\b/m.test(text) && /^(?:identity|late-commands):/m.test(text));
}

function read(input: ConfigInput): ConfigFacts {
  const { source, text } = input.file;
  // What an instance is given is judged with the instance.
  const apart = input.platform !== "incus";
  const told = readStart(partsOf(source, text));
  const sshd = sshdOfFirstStart(told.start, wholeFile(source));
  return {
    subjects: [
      ...(sshd === undefined ? [] : [configurationFile(input, sshd)]),
      ...clustersOf(told).map((cluster) => configurationFile(input, cluster)),
      ...(apart ? [firstStartFile(input, told)] : []),
    ],
    problems: told.problems,
    sources: [],
  };
}

/** The answers of an installer need no first line that says what they are. */
function partsOf(source: Source, text: string): StartParts {
  const told = startParts(source, text);
  if (told.parts.length > 0 || isOfParts(text)) return told;
  return { ...told, parts: [{ kind: "config", text, source, locate: (place) => place }] };
}

function firstStartFile(input: ConfigInput, { start, scripts, included, doubt }: ReadStart): RepositoryFile {
  const told = risksOfNodes(commandsOf(start), filledIn);
  const inScripts = scripts.map((part) => risksOfPart(part, filledIn));
  const files = writtenFiles(start);
  const passwords = passwordsIn(start);
  // What commands give to sudo is what images give their own user.
  const commands = [...told.risks, ...inScripts.flatMap(({ risks }) => risks)].filter(
    ({ kind }) => kind !== "sudo-without-password",
  );
  const risks = [
    ...commands,
    ...included.map(includedRisk),
    ...packageRisks(start),
    ...files.flatMap(modeRisks),
    ...rootWithoutPassword(start),
  ];
  const why = doubt ?? told.doubt ?? inScripts.find((script) => script.doubt !== undefined)?.doubt;
  return fileOf(input, risks, [...passwords.map(secretOf), ...files.flatMap(encodedSecrets)], why);
}

const filledIn = "a template fills in a command";

/** The file as a subject of its own, beside what it says of the SSH server. */
function fileOf(
  input: ConfigInput,
  found: readonly CommandRisk[],
  secrets: readonly CloudInitSecret[],
  why: string | undefined,
): RepositoryFile {
  const place = wholeFile(input.file.source);
  const list = <T>(items: readonly T[]): FactList<T> =>
    why === undefined ? complete(items, place) : incomplete(items, why, place);
  const inCommands = found.flatMap(({ kind, what, value, place: at }) =>
    kind === "secret" && value !== undefined
      ? [{ what: what.replace(/,? is written out$/, ""), value, place: at }]
      : [],
  );
  const all = [...secrets, ...inCommands];
  const configuration: CloudInitConfiguration = {
    software: "cloud-init",
    risks: list(found.filter(({ kind }) => kind !== "secret")),
    secrets: list(all),
  };
  const file = configurationFile(input, configuration);
  return secretsPart(
    file,
    "first start",
    all.map(({ what, place: at }) => ({ what, place: at })),
    input,
  );
}

function secretOf({ user, value, place }: FirstPassword): CloudInitSecret {
  return { what: `the password of ${user}`, value, place };
}

/**
 * Users who sign in with a password and are root with none. One who signs in with a key is so in every image of a cloud, and
 * has no password that `sudo` could ask for.
 */
function rootWithoutPassword(start: FirstStart): readonly CommandRisk[] {
  const byPassword = new Set(passwordsIn(start).map(({ user }) => user));
  return start.configs
    .flatMap((config) => itemsOf(child(config, "users")))
    .flatMap((user): CommandRisk[] => {
      const name = textOf(child(user, "name"));
      const sudo = child(user, "sudo");
      const hashed = textOf(child(user, "passwd")) !== "" || textOf(child(user, "hashed_passwd")) !== "";
      const signsIn = isFalse(child(user, "lock_passwd")) && (hashed || byPassword.has(name));
      const place = asksForNone(sudo);
      if (!signsIn || place === undefined) return [];
      const who = /^[\w.-]{1,64}$/.test(name) ? name : "of a user";
      return [
        { kind: "sudo-without-password", what: `a password opens the account ${who}, and sudo asks for none`, place },
      ];
    });
}

function asksForNone(sudo: TreeNode | undefined): Place | undefined {
  const rules = sudo?.kind === "sequence" ? sudo.items : sudo === undefined ? [] : [sudo];
  return rules.find((rule) => /\bNOPASSWD:[ \t]*ALL\b/.test(textOf(rule)))?.place;
}

function isFalse(node: TreeNode | undefined): boolean {
  return /^(?:false|no|off|0)$/i.test(textOf(node));
}
