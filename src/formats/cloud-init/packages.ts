/**
 * Sources of packages that a first start sets up without a look at signatures.
 *
 * Sources: cloudinit.readthedocs.io, modules "Apt Configure", "Yum Add Repo" and "Zypper Add Repo"; sources.list(5) and
 * apt-secure(8) of APT 3.0: a source without a key is refused, unless it is `trusted` or insecure ones are allowed.
 */
import type { CommandRisk } from "../../facts/configuration/command-risk.ts";
import { child, type MappingNode, type TreeNode } from "../tree.ts";
import { type FirstStart, itemsOf, textOf } from "./document.ts";

export function packageRisks({ configs, installer }: FirstStart): readonly CommandRisk[] {
  const apt = [...configs, ...(installer === undefined ? [] : [installer])].map((config) => child(config, "apt"));
  return [
    ...apt.flatMap((settings) => [
      ...entriesOf(child(settings, "sources")).flatMap(([name, source]) => ofSource(child(source, "source"), name)),
      ...ofSource(child(settings, "sources_list"), "sources.list"),
      ...ofAptSettings(child(settings, "conf")),
    ]),
    ...configs.flatMap((config) => [
      ...itemsOf(child(config, "apt_sources")).flatMap((source) => ofSource(child(source, "source"), "apt_sources")),
      ...entriesOf(child(config, "yum_repos")).flatMap(([name, repository]) => ofRpm(repository, name)),
      ...itemsOf(child(child(config, "zypper"), "repos")).flatMap((repository) => ofRpm(repository, "zypper")),
    ]),
  ];
}

function entriesOf(node: TreeNode | undefined): readonly (readonly [string, TreeNode])[] {
  return node?.kind === "mapping"
    ? [...(node satisfies MappingNode).entries].map(([name, { value }]) => [name, value])
    : [];
}

function ofSource(node: TreeNode | undefined, name: string): readonly CommandRisk[] {
  const text = textOf(node);
  const line = /\[[^\]\n]{0,200}\b(trusted|allow-insecure)=yes\b/i.exec(text) ?? stanza.exec(text);
  if (node === undefined || line === null) return [];
  return [risk(`the APT source ${shown(name)} is believed without a signature`, node)];
}

/** The same in the form of deb822. */
const stanza = /^[ \t]{0,20}(?:Trusted|Allow-Insecure):[ \t]{0,20}yes\b/im;

function ofAptSettings(node: TreeNode | undefined): readonly CommandRisk[] {
  const found = /\b(AllowUnauthenticated|AllowInsecureRepositories)[ \t]+"?(?:true|1|yes)\b/i.exec(textOf(node));
  return node === undefined || found === null ? [] : [risk(`APT takes unsigned packages (${found[1]})`, node)];
}

function ofRpm(node: TreeNode, name: string): readonly CommandRisk[] {
  const check = child(node, "gpgcheck");
  return check !== undefined && /^(?:false|0|no|off)$/i.test(textOf(check))
    ? [risk(`the repository ${shown(name)} is believed without a signature`, check)]
    : [];
}

function risk(what: string, { place }: TreeNode): CommandRisk {
  return { kind: "signatures-unverified", what, place };
}

function shown(name: string): string {
  return /^[\w.-]{1,80}$/.test(name) ? name : "that it adds";
}
