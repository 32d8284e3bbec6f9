import type { ClusterSecret } from "../../facts/configuration/cluster.ts";
import { complete, type FactList, incomplete, stated } from "../../facts/fact.ts";
import { isGuessable } from "../../facts/guessable.ts";
import { classifySecret, namesSecret } from "../../facts/secret-like.ts";
import { Sensitive } from "../../facts/sensitive.ts";
import { issuedSecretsIn, mayHoldIssued } from "../../repository/secret-scan/issuers.ts";
import type { ScalarNode, TreeNode } from "../tree.ts";
import { kindOf, type TalosDocuments } from "./documents.ts";

interface Known {
  /** The end of the path of keys, lists left out. */
  readonly path: RegExp;
  readonly opens: string;
  readonly root: boolean;
}

const machineAuthority = "whoever has it is an administrator of every machine";
const clusterAuthority = "whoever has it is an administrator of the cluster";

/** Values that Talos itself takes out when it prints a configuration (the methods `Redact` of its documents), and what they open. */
const known: readonly Known[] = [
  { path: /^machine\.ca\.key$|^certs\.os\.key$/, opens: machineAuthority, root: true },
  {
    path: /^machine\.token$|^trustdinfo\.token$/,
    opens: "whoever has it gets a machine's certificate from the machines' API",
    root: true,
  },
  { path: /^contexts\.[^.]+\.key$/, opens: "whoever has it is who it was issued to, in the machines' API", root: true },
  {
    path: /^cluster\.ca\.key$|^certs\.k8s\.key$|^KubeAPIServerCAConfig\.issuingCA\.key$/,
    opens: clusterAuthority,
    root: true,
  },
  {
    path: /^cluster\.aggregatorCA\.key$|^certs\.k8saggregator\.key$|^KubeAggregatorCAConfig\.issuingCA\.key$/,
    opens: "whoever has it speaks to the API server in anybody's name",
    root: true,
  },
  {
    path: /^cluster\.serviceAccount\.key$|^certs\.k8sserviceaccount\.key$|^KubeServiceAccountConfig\.issuer\.privateKey$/,
    opens: "whoever has it signs tokens of any service account",
    root: true,
  },
  {
    path: /^cluster\.etcd\.ca\.key$|^certs\.etcd\.key$/,
    opens: "whoever has it reads and writes the cluster's database",
    root: true,
  },
  {
    path: /^cluster\.token$|^secrets\.bootstraptoken$/,
    opens: "whoever has it joins a machine to the cluster",
    root: true,
  },
  {
    path: /^cluster\.secret$|^DiscoveryIdentityConfig\.clusterSecret$/,
    opens: "whoever has it reads what the machines tell one another of themselves",
    root: false,
  },
  {
    path: /^cluster\.(?:aescbc|secretbox)EncryptionSecret$|^secrets\.(?:secretbox|aescbc)encryptionsecret$|^KubeEtcdEncryptionConfig\..+\.keys\.secret$/,
    opens: "whoever has it and a copy of the database reads all its Secrets",
    root: true,
  },
  {
    path: /\.wireguard\.(?:privateKey|.*presharedKey)$|^WireguardConfig\.(?:privateKey|peers\.presharedKey)$/,
    opens: "whoever has it joins the private network",
    root: false,
  },
  {
    path: /\.auth\.(?:password|auth|identityToken)$|^RegistryAuthConfig\.(?:password|auth|identityToken)$/,
    opens: "whoever has it pulls from the registry",
    root: false,
  },
  { path: /\.keys\.static\.passphrase$/, opens: "whoever has it opens the disk", root: false },
  {
    path: /\.(?:hcloud|equinixMetal)\.apiToken$|^HCloudVIPConfig\.apiToken$/,
    opens: "whoever has it is who it was issued to, at the provider",
    root: false,
  },
  { path: /^SideroLinkConfig\.uniqueToken$/, opens: "whoever has it joins as this machine", root: false },
];

/** Where others' programs get what is theirs: variables of the environment, files, manifests. */
const foreign = /^(?:machine\.env|EnvironmentConfig\.variables|ExtensionServiceConfig\.environment)(?:\.|$)/;

/** What stands for a value: a store's reference, a variable, a template, what Talos writes in place of a secret. */
const reference =
  /^(?:op|vault|ref\+\w+|awssm|gcpsm):|^ENC\[|\$\{?\w|\{\{|^<[^>]*>$|^\*+$|^REDACTED$|^$|EXAMPLE|example/;

/** Every value of the documents that only the machines may know and that stands in clear text. */
export function talosSecrets(documents: TalosDocuments): FactList<ClusterSecret> {
  const found: ClusterSecret[] = [];
  for (const document of documents.all) visit(document, kindOf(document) ?? "", found, 0);
  const place = found[0]?.place ?? documents.place;
  // What stands in a template's blocks is read, whichever of them counts.
  return documents.broken === undefined ? complete(found, place) : incomplete(found, documents.broken, place);
}

function visit(node: TreeNode, path: string, found: ClusterSecret[], depth: number): void {
  if (depth > 60) return;
  if (node.kind === "sequence") {
    for (const item of node.items) visit(item, path, found, depth + 1);
  } else if (node.kind === "mapping") {
    for (const { key, value } of node.entries.values()) {
      if (key !== "sops") visit(value, path === "" ? key : `${path}.${key}`, found, depth + 1);
    }
  } else {
    const secret = secretOf(node, path);
    if (secret !== undefined) found.push(secret);
  }
}

function secretOf(node: ScalarNode, path: string): ClusterSecret | undefined {
  if (typeof node.value !== "string" || node.unresolved !== undefined || reference.test(node.value.slice(0, 200)))
    return undefined;
  const what = known.find(({ path: pattern }) => pattern.test(path));
  const value = stated(new Sensitive(node.value), node.place);
  if (what !== undefined) {
    return isGuessable(node.value)
      ? undefined
      : { name: path, value, opens: what.opens, root: what.root, place: node.place };
  }
  const [name, text] = foreign.test(path) ? assigned(path, node.value) : ["", node.value];
  const looks = name !== "" && namesSecret(name) && classifySecret(name, new Sensitive(text)) === "literal-secret";
  const issued = mayHoldIssued(text) && issuedSecretsIn(text, "").length > 0;
  if (!looks && !issued) return undefined;
  return {
    name: name === "" ? path : `${path} (${name})`,
    value,
    opens: "whoever has it is who it was issued to",
    root: false,
    place: node.place,
  };
}

/** `NAME=value` of a list, or the last key of a mapping with its value. */
function assigned(path: string, text: string): readonly [string, string] {
  const match = /^([A-Za-z_]\w{0,80})=(.*)$/s.exec(text);
  return match === null ? [path.slice(path.lastIndexOf(".") + 1), text] : [match[1] ?? "", match[2] ?? ""];
}
