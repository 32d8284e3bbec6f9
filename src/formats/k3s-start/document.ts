/**
 * What k3s is told on its command line, as its `config.yaml` would say it: keys there are the options' names.
 *
 * Source: docs.k3s.io, "Configuration File" and the variables of "k3s server" and "k3s agent".
 */
import type { MappingEntry, MappingNode, ScalarNode, TreeNode } from "../tree.ts";
import type { K3sStart, StartWord } from "./starts.ts";

const variables: Readonly<Record<string, string>> = {
  K3S_TOKEN: "token",
  K3S_AGENT_TOKEN: "agent-token",
  K3S_URL: "server",
  K3S_KUBECONFIG_MODE: "write-kubeconfig-mode",
  K3S_DATASTORE_ENDPOINT: "datastore-endpoint",
};

const short: Readonly<Record<string, string>> = { "-t": "token", "-s": "server", "-d": "data-dir", "-v": "v" };

/** Options that take no word behind them. */
const alone =
  /^(?:cluster-init|cluster-reset|secrets-encryption|selinux|rootless|prefer-bundled-bin|docker|debug|protect-kernel-defaults|etcd-expose-metrics|etcd-s3|embedded-registry|disable-(?:network-policy|cloud-controller|kube-proxy|apiserver|etcd|scheduler|controller-manager|helm-controller|agent|apiserver-lb|default-registry-endpoint)|flannel-(?:ipv6-masq|external-ip)|etcd-disable-snapshots|servicelb-namespace)$/;

export function documentOf({ command, words, environment, place }: K3sStart): MappingNode {
  const given = new Map<string, TreeNode[]>();
  const add = (key: string, node: TreeNode) => given.set(key, [...(given.get(key) ?? []), node]);
  let incomplete: string | undefined;
  for (let at = 0; at < words.length; at++) {
    const word = words[at] as StartWord;
    const [, name, value] = /^--([\w-]+)(?:=([\s\S]*))?$/.exec(word.text) ?? [];
    const key = name ?? short[word.text];
    const next = words[at + 1];
    if (key === undefined) incomplete ??= filledIn(word) ? "a variable may hold further arguments" : undefined;
    else if (value !== undefined) add(key, scalar(word, value));
    else if (alone.test(key) || next === undefined || next.text.startsWith("-")) add(key, scalar(word, true));
    else {
      add(key, scalar(next, next.text));
      at += 1;
    }
  }
  // An option comes before the variable that says the same.
  for (const [name, key] of Object.entries(variables)) {
    const value = environment.get(name);
    if (value !== undefined && value.text !== "" && !given.has(key)) add(key, scalar(value, value.text));
  }
  const hidden: ScalarNode = { kind: "scalar", value: null, unresolved: "its address is given elsewhere", place };
  if (command === "agent" && !given.has("server")) add("server", hidden);
  const entries = [...given].map(([key, nodes]): [string, MappingEntry] => {
    const [only, second] = nodes;
    const value: TreeNode =
      only !== undefined && second === undefined
        ? only
        : { kind: "sequence", items: nodes, place: only?.place ?? place };
    return [key, { key, keyPlace: value.place, value }];
  });
  const node: MappingNode = { kind: "mapping", entries: new Map(entries), place };
  return incomplete === undefined ? node : { ...node, incomplete };
}

function filledIn({ text, expands }: StartWord): boolean {
  return expands || /\{\{|\{%|\$\{/.test(text);
}

function scalar(word: StartWord, value: string | boolean): ScalarNode {
  const node: ScalarNode = { kind: "scalar", value, place: word.place };
  return typeof value === "string" && (/\{\{|\{%|\$\(|`/.test(value) || (word.expands && value.includes("$")))
    ? { ...node, unresolved: "it is filled in when it runs" }
    : node;
}
