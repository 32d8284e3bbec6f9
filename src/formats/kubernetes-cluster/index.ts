import type { ClusterTool } from "../../facts/configuration/cluster.ts";
import type { ConfigFacts, ConfigFormat, ConfigInput } from "../config-format.ts";
import { configurationFile } from "../configuration-file.ts";
import { Fields } from "../fields.ts";
import { kindOf, ofKind, type TalosDocuments, talosDocuments } from "../talos/documents.ts";
import { withDropIns } from "./drop-ins.ts";
import { readK3d, readK3s } from "./k3s.ts";
import { kindDocuments } from "./kind.ts";
import { readKubeadm } from "./kubeadm.ts";
import { clusterForm, isMainFile, mayBeCluster } from "./recognise.ts";
import { readServerFiles } from "./server-files.ts";
import { type ClusterReading, configurationOf } from "./settings.ts";

/** What sets a cluster up: kubeadm, the kubelet's and the API server's own files, k3s, RKE2, k3d, kind. */
export const kubernetesClusterFormat: ConfigFormat = {
  name: "Kubernetes cluster configuration",
  mayBe: mayBeCluster,
  recognises: (path, text) => clusterForm(path, text) !== undefined,
  readsOthers: (text) => !text.includes("apiVersion"),
  read,
};

function read(input: ConfigInput): ConfigFacts {
  const { file } = input;
  const form = clusterForm(file.path, file.text);
  const isMain = (form === "k3s" || form === "rke2") && isMainFile(file.path);
  const alone = talosDocuments(file);
  const { sources, ...written } = isMain ? withDropIns(alone, input) : { ...alone, sources: [] };
  const [kind] = ofKind(written, "Cluster");
  const documents = kind === undefined ? written : kindDocuments(kind, written, file);
  const [tool, reading] =
    form === "k3s" || form === "rke2"
      ? readOwn(documents, form, isMain)
      : kind === undefined
        ? readDocuments(documents, input)
        : (["kind", readKubeadm(documents, false)] as const);
  const configuration = configurationOf(tool, reading, documents);
  return { subjects: [configurationFile(input, configuration)], problems: documents.problems, sources };
}

function readOwn(
  documents: TalosDocuments,
  tool: "k3s" | "rke2",
  whole: boolean,
): readonly [ClusterTool, ClusterReading] {
  const document = Fields.of(documents.all[0], documents.place, "document", documents.hidden);
  return [tool, readK3s(document, tool, whole)];
}

const kubeadmKinds = new Set(["ClusterConfiguration", "InitConfiguration", "JoinConfiguration"]);
const kubeletKinds = new Set(["KubeletConfiguration", "KubeProxyConfiguration"]);

/** Of the documents of one text those count that the first of them goes with: nobody mixes k3d's with kubeadm's. */
function readDocuments(documents: TalosDocuments, { file }: ConfigInput): readonly [ClusterTool, ClusterReading] {
  const kinds = documents.all.map((document) => kindOf(document) ?? "");
  const [simple] = ofKind(documents, "Simple");
  if (simple !== undefined) return ["k3d", readK3d(simple)];
  if (kinds.some((each) => kubeadmKinds.has(each))) return ["kubeadm", readKubeadm(documents, true)];
  if (kinds.some((each) => kubeletKinds.has(each)))
    return ["kubernetes", readKubeadm(documents, !/\.conf$/i.test(file.path))];
  return ["kubernetes", readServerFiles(documents)];
}
