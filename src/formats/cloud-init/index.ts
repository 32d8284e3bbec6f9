import type { CloudInitConfiguration, CloudInitSecret } from "../../facts/configuration/cloud-init.ts";
import type { CommandRisk } from "../../facts/configuration/command-risk.ts";
import { complete, type FactList, incomplete } from "../../facts/fact.ts";
import type { RepositoryFile } from "../../facts/subjects.ts";
import { type Place, placeAt, wholeFile } from "../../lib/place.ts";
import { isExample } from "../../repository/secret-scan/worth-scanning.ts";
import { mistakeIn } from "../as-far-as-read.ts";
import type { ConfigFacts, ConfigFormat, ConfigInput } from "../config-format.ts";
import { configurationFile } from "../configuration-file.ts";
import { blanked, hasBlocks, withTemplated } from "../template/blank.ts";
import { child, type TreeNode } from "../tree.ts";
import { parseYaml } from "../yaml/parse.ts";
import { risksOfNodes, risksOfScript } from "./commands.ts";
import {
  commandsOf,
  type FirstStart,
  firstStartOf,
  isCloudConfig,
  isShellScript,
  itemsOf,
  textOf,
} from "./document.ts";
import { packageRisks } from "./packages.ts";
import { type FirstPassword, passwordsIn } from "./passwords.ts";
import { sshdOfFirstStart } from "./sshd.ts";
import { encodedSecrets, modeRisks, writtenFiles } from "./written-files.ts";

/**
 * What a machine is told to do at its first start: a `#cloud-config` or a script for cloud-init, and the answers that
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
    isCloudConfig.test(text) || isInstallers(path, text) || (isShellScript.test(text) && isUserData.test(path)),
  readsOthers: () => false,
  read,
};

const isUserData = /(?:^|\/)[^/]*(?:user|vendor)[-_]?data[^/]*$/i;

function isInstallers(path: string, text: string): boolean {
  if (!/auto[-_]?install|(?:^|\/)user-data/i.test(path)) return false;
  return /^autoinstall:/m.test(text) || (/^version: 1\b/m.test(text) && /^(?:identity|late-commands):/m.test(text));
}

function read(input: ConfigInput): ConfigFacts {
  const { source, text } = input.file;
  // What an instance is given is judged with the instance.
  const apart = input.platform !== "incus";
  if (isShellScript.test(text)) return apart ? ofScript(input) : { subjects: [], problems: [], sources: [] };
  const filled = blankedText(text);
  const { documents, problems } = parseYaml(source, filled.text);
  const [document] = documents;
  const start = firstStartOf(document && withTemplated(document, filled.blocks));
  const sshd = sshdOfFirstStart(start, wholeFile(source));
  const isTemplated = filled.text !== text || /\$\{/.test(text);
  const why = filled.blocks ? "the blocks of its template are not evaluated" : mistakeIn(problems);
  return {
    subjects: [
      ...(sshd === undefined ? [] : [configurationFile(input, sshd)]),
      ...(apart ? [firstStartFile(input, start, why)] : []),
    ],
    // What a template makes of it may well be right.
    problems: isTemplated ? [] : problems,
    sources: [],
  };
}

/** As long as the text, with nothing in it that only a template engine understands. */
function blankedText(text: string): { readonly text: string; readonly blocks: boolean } {
  const { text: blank, blocks } = blanked(text);
  const directive = /^[ \t]*%\{[^\n]*$/gm;
  const more = directive.test(blank);
  return {
    text: more ? blank.replace(directive, (line) => " ".repeat(line.length)) : blank,
    blocks: blocks || more || hasBlocks(text),
  };
}

function ofScript(input: ConfigInput): ConfigFacts {
  const { source, text } = input.file;
  const { risks, doubt } = risksOfScript(text, "a template fills in a command");
  const placed = risks.map(({ offset, ...risk }): CommandRisk => ({ ...risk, place: placeAt(source, offset) }));
  return { subjects: [fileOf(input, placed, [], doubt)], problems: [], sources: [] };
}

function firstStartFile(input: ConfigInput, start: FirstStart, why: string | undefined): RepositoryFile {
  const told = risksOfNodes(commandsOf(start), "a template fills in a command");
  const files = writtenFiles(start);
  const passwords = passwordsIn(start);
  // What commands give to sudo is what images give their own user.
  const commands = told.risks.filter(({ kind }) => kind !== "sudo-without-password");
  const risks = [...commands, ...packageRisks(start), ...files.flatMap(modeRisks), ...rootWithoutPassword(start)];
  return fileOf(input, risks, [...passwords.map(secretOf), ...files.flatMap(encodedSecrets)], why ?? told.doubt);
}

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
  const example = isExample(input.path);
  return {
    ...file,
    ref: { ...file.ref, name: `${file.ref.name} (first start)` },
    isPart: true,
    secretsInText: complete(
      all.map(({ what, place: at }) => ({ what, by: "assigned", example, place: at })),
      place,
    ),
  };
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
