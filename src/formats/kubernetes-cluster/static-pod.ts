/**
 * The control plane's own programs by the words that start them, as in the manifests of `/etc/kubernetes/manifests`. Nobody
 * stands between: what no flag says is what the program itself does.
 *
 * Sources: references of kube-apiserver 1.34 (`--authorization-mode` AlwaysAllow where no `--authorization-config` is named;
 * NodeRestriction is no admission plugin that is on by itself) and of etcd 3.6 (`--client-cert-auth` and
 * `--peer-client-cert-auth` false, `--listen-client-urls` http://localhost:2379, `--listen-peer-urls` …:2380).
 */
import type { ClusterConfiguration, ComponentArgument } from "../../facts/configuration/cluster.ts";
import { complete, defaulted, incomplete, unknown, unstated } from "../../facts/fact.ts";
import type { Place } from "../../lib/place.ts";
import { together } from "../talos/arguments.ts";
import type { ScalarNode, TreeNode } from "../tree.ts";
import { apiServerOf, noApiServer } from "./api-server.ts";
import { bare, type Flags, flagOf, lastOf, noFlags, opened, withDefaults } from "./flags.ts";
import { configurationOf } from "./settings.ts";

export type StaticProgram = "kube-apiserver" | "etcd";

/** A program with the words after its own name; `why`, where these are not all that there is. */
export interface StartedProgram {
  readonly program: StaticProgram;
  readonly words: readonly TreeNode[];
  readonly why: string | undefined;
}

/**
 * Which program some words start, by itself, by `go-runner` (kops, Google) or in a script; undefined for any other. etcd
 * takes all that it is told from a file where `--config-file` names one.
 */
export function startedBy(all: readonly TreeNode[]): StartedProgram | undefined {
  const texts = all.map((word) => textOf(word) ?? "");
  const at = /(?:^|\/)go-runner$/.test(texts[0] ?? "") ? texts.findIndex((text) => named(text) !== undefined) : 0;
  const program = named(texts[at] ?? "");
  if (program !== undefined) {
    const file = program === "etcd" && texts.some((text) => /^--?config-file(?:=|$)/.test(text));
    const why = file ? "its settings stand in a file of the machine" : undefined;
    return { program, words: all.slice(at + 1), why };
  }
  if (!/(?:^|\/)(?:ba|da|a)?sh$/.test(texts[0] ?? "")) return undefined;
  const [, inScript] = /(?:^|[\s/;])(kube-apiserver|etcd)[ \t\\]+(?=-|\\|\n)/.exec(texts.slice(1).join("\n")) ?? [];
  if (inScript !== "kube-apiserver" && inScript !== "etcd") return undefined;
  return { program: inScript, words: [], why: "a script starts it, which is not evaluated" };
}

function named(text: string): StaticProgram | undefined {
  const name = text.slice(text.lastIndexOf("/") + 1);
  return name === "kube-apiserver" || name === "etcd" ? name : undefined;
}

/** A variable of etcd's environment as the flag that it stands for, which a flag overrules. */
export function flagOfVariable(name: string, value: ComponentArgument["value"], place: Place): ComponentArgument {
  return opened({ name: name.slice("ETCD_".length).toLowerCase().replaceAll("_", "-"), value, place });
}

/** What a program of the control plane is told, from the words after its own name. */
export function staticProgram(
  { program, words, why }: StartedProgram,
  variables: Flags,
  place: Place,
): ClusterConfiguration {
  const nothing = noFlags({ hidden: undefined, place });
  const flags = together([variables, flagsOf(words, why, place)], place);
  const server = program === "kube-apiserver";
  return configurationOf(
    "kubernetes",
    {
      parts: [server ? "API server" : "etcd"],
      settings: {
        ...(server ? apiServerOf(withServerDefaults(flags), { whole: true, anonymous: "on" }) : noApiServer(nothing)),
        etcdArguments: server ? nothing : withDefaults(flags, etcdDefaults(place)),
        kubeletArguments: nothing,
        seccompDefault: unstated(place),
      },
      proxyArguments: nothing,
      secrets: [],
    },
    { place, broken: undefined },
  );
}

function etcdDefaults(place: Place): readonly ComponentArgument[] {
  return [
    byItself("client-cert-auth", "false", place),
    byItself("peer-client-cert-auth", "false", place),
    byItself("listen-client-urls", "http://localhost:2379", place),
    byItself("listen-peer-urls", "http://localhost:2380", place),
  ];
}

function withServerDefaults(flags: Flags): Flags {
  const { place } = flags;
  const asks = lastOf(flags, "authorization-config") === undefined;
  return withDefaults(flags, [
    ...(asks ? [byItself("authorization-mode", "AlwaysAllow", place)] : []),
    byItself("enable-admission-plugins", "", place),
  ]);
}

function byItself(name: string, value: string, place: Place): ComponentArgument {
  return { name, value: defaulted(value, "platform", place), place };
}

/** `--name=value`, `--name value`, `--name`. */
function flagsOf(words: readonly TreeNode[], why: string | undefined, place: Place): Flags {
  const items: ComponentArgument[] = [];
  let hidden = why;
  for (const [at, word] of words.entries()) {
    const text = textOf(word);
    if (text === undefined)
      hidden ??= (word.kind === "scalar" ? word.unresolved : undefined) ?? "an argument is not a text";
    else if (/^--?[A-Za-z]/.test(text)) items.push(flagAt(text, word, words[at + 1]));
  }
  return hidden === undefined ? complete(items, place) : incomplete(items, hidden, place);
}

/** The text of a word; with a value that is not known, what stands before it. */
function textOf(word: TreeNode): string | undefined {
  if (word.kind !== "scalar") return undefined;
  if (word.unresolved === undefined) return word.value === null ? undefined : String(word.value);
  return nameIn(word) === undefined ? undefined : `--${nameIn(word)}=`;
}

function nameIn({ value, knownStart }: ScalarNode): string | undefined {
  return /^--?([A-Za-z][\w-]*)=/.exec(knownStart ?? (typeof value === "string" ? value : ""))?.[1];
}

function flagAt(text: string, word: TreeNode, next: TreeNode | undefined): ComponentArgument {
  const { place } = word;
  if (word.kind === "scalar" && word.unresolved !== undefined)
    return { name: nameIn(word) ?? bare(text), value: unknown(word.unresolved, place), place };
  const following = next === undefined || text.includes("=") ? undefined : textOf(next);
  return flagOf(following === undefined || following.startsWith("-") ? text : `${text}=${following}`, word);
}
