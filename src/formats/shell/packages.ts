/**
 * What a script does with the package managers of Debian, Alpine, Red Hat, SUSE and Arch.
 */
import type { CommandRisk } from "../../facts/configuration/command-risk.ts";
import type { SimpleCommand } from "./command.ts";
import { optionOf } from "./command.ts";

const verbs: ReadonlyMap<string, { readonly install: RegExp; readonly update?: RegExp }> = new Map(
  Object.entries({
    "apt-get": { install: /^(?:install|upgrade|dist-upgrade|full-upgrade|build-dep|satisfy)$/, update: /^update$/ },
    apt: { install: /^(?:install|upgrade|dist-upgrade|full-upgrade|build-dep|satisfy)$/, update: /^update$/ },
    aptitude: { install: /^(?:install|upgrade|safe-upgrade|full-upgrade)$/, update: /^update$/ },
    apk: { install: /^(?:add|upgrade)$/, update: /^update$/ },
    yum: { install: /^(?:install|localinstall|reinstall|groupinstall)$/ },
    dnf: { install: /^(?:install|reinstall|groupinstall)$/ },
    microdnf: { install: /^(?:install|reinstall)$/ },
    zypper: { install: /^(?:install|in)$/, update: /^(?:refresh|ref)$/ },
    pacman: { install: /^-S[a-z]*$/ },
  }),
);

/** What the command asks of its package manager; undefined for other programs. */
export function packageVerb({ name, arguments: words }: SimpleCommand): "install" | "update" | "other" | undefined {
  const manager = verbs.get(name);
  if (manager === undefined) return undefined;
  for (const { text } of words) {
    if (manager.install.test(text)) return "install";
    if (manager.update?.test(text) === true) return "update";
  }
  return "other";
}

/** The packages that a command names, without versions and architectures. */
export function packagesOf(command: SimpleCommand): readonly string[] {
  if (packageVerb(command) !== "install") return [];
  const install = verbs.get(command.name)?.install;
  const at = command.arguments.findIndex(({ text }) => install?.test(text) === true);
  return command.arguments
    .slice(at + 1)
    .map(({ text }) => text)
    .filter((text) => text !== "" && !text.startsWith("-") && !text.includes("$"))
    .map((text) => text.replace(/[=:~<>@].*$/, ""));
}

/** Alpine's and Arch's `openssh` is not among them: it is mostly taken for the client. */
const remoteShells = new Map([
  ["openssh-server", "an SSH server"],
  ["dropbear", "an SSH server"],
  ["tinyssh", "an SSH server"],
  ["telnetd", "a Telnet server"],
  ["telnet-server", "a Telnet server"],
  ["inetutils-telnetd", "a Telnet server"],
  ["rsh-server", "an rsh server"],
]);

/** The server for remote shells that a command installs, with its kind. */
export function remoteShell(command: SimpleCommand): string | undefined {
  for (const name of packagesOf(command)) {
    const kind = remoteShells.get(name);
    if (kind !== undefined) return `${kind} is installed (${name})`;
  }
  return undefined;
}

interface UnsignedBy {
  readonly options: readonly string[];
  /** The same as a setting among the words (`-o`, `--setopt`). */
  readonly setting?: RegExp;
}

const ofApt: UnsignedBy = {
  options: ["--allow-unauthenticated", "--force-yes", "--allow-insecure-repositories"],
  setting: /(?:AllowUnauthenticated|AllowInsecureRepositories|AllowWeakRepositories)=(?:true|1|yes)(?:\s|$)/i,
};
const ofDnf: UnsignedBy = {
  options: ["--nogpgcheck", "--no-gpgchecks"],
  setting: /gpgcheck=(?:0|false|no)(?:\s|$)/i,
};

/** How programs are told to install packages without a look at their signature. */
const unsignedBy: ReadonlyMap<string, UnsignedBy> = new Map([
  ["apt", ofApt],
  ["apt-get", ofApt],
  ["aptitude", ofApt],
  ["apk", { options: ["--allow-untrusted"] }],
  ["yum", ofDnf],
  ["dnf", ofDnf],
  ["microdnf", ofDnf],
  ["zypper", { options: ["--no-gpg-checks", "--allow-unsigned-rpm"] }],
  ["rpm", { options: ["--nosignature", "--nodigest", "--nogpg"] }],
]);
const writesSources = /^(?:echo|printf|tee|sed|add-apt-repository)$/;

/** Where packages are installed without a look at their signature: a clause, and the option that brings it. */
export function unsigned(command: SimpleCommand): Pick<CommandRisk, "what" | "option"> | undefined {
  const { name, arguments: words } = command;
  const { options = [], setting } = unsignedBy.get(name) ?? {};
  const option = optionOf(command, ...options);
  if (option !== undefined) return { what: `${name} takes unsigned packages`, option };
  if (setting === undefined && !writesSources.test(name)) return undefined;
  const line = words.map((word) => word.text).join(" ");
  if (setting !== undefined) return setting.test(line) ? { what: `${name} takes unsigned packages` } : undefined;
  return /\[[^\]]{0,200}\btrusted=yes\b/i.test(line)
    ? { what: "an APT source is trusted without a signature" }
    : undefined;
}
