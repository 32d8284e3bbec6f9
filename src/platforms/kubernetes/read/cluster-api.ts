/**
 * Clusters that Cluster API sets up: what its objects tell kubeadm, RKE2 and Talos, judged as those programs' own files are.
 *
 * Sources: cluster-api 1.11, `bootstrap/kubeadm/api/v1beta2/kubeadm_types.go` (the parts of kubeadm's file under their
 * names, in KubeadmControlPlane under `kubeadmConfigSpec`); cluster-api-provider-rke2,
 * `controlplane/api/v1beta2/rke2controlplane_types.go` and `bootstrap/api/v1beta1/rke2config_types.go`;
 * cluster-api-bootstrap-provider-talos, `api/v1alpha3/talosconfig_types.go` (`data` whole, `strategicPatches` as texts,
 * `configPatches` as operations). A template may be changed by the patches of a ClusterClass.
 */
import type { ClusterTool } from "../../../facts/configuration/cluster.ts";
import type { Configuration } from "../../../facts/configuration/configuration.ts";
import { complete, unstated } from "../../../facts/fact.ts";
import type { RepositoryFile } from "../../../facts/subjects.ts";
import type { InputProblem } from "../../../facts/system.ts";
import { Fields } from "../../../formats/fields.ts";
import { readK3s } from "../../../formats/kubernetes-cluster/k3s.ts";
import { readKubeadm } from "../../../formats/kubernetes-cluster/kubeadm.ts";
import { type ClusterReading, configurationOf } from "../../../formats/kubernetes-cluster/settings.ts";
import type { TalosDocuments } from "../../../formats/talos/documents.ts";
import { talosPatch } from "../../../formats/talos/index.ts";
import { unreadJsonPatch } from "../../../formats/talos/patches.ts";
import type { MappingNode, TreeNode } from "../../../formats/tree.ts";
import type { Place } from "../../../lib/place.ts";
import { itemsOf, mapping, scalar, textOf, valueAt } from "../load/nodes.ts";
import type { KubernetesObject } from "../objects.ts";
import { type ClusterContext, specOf } from "./context.ts";

const sealed = "SOPS keeps it encrypted";

export interface ClusterApiFacts {
  readonly files: readonly RepositoryFile[];
  readonly problems: readonly InputProblem[];
}

/** One file of settings for each object that sets machines up. */
export function clusterApiFacts(context: ClusterContext): ClusterApiFacts {
  const talos = [
    ...context.ofKind(controlPlane, "TalosControlPlane"),
    ...context.ofKind(controlPlane, "TalosControlPlaneTemplate"),
    ...context.ofKind(bootstrap, "TalosConfig"),
    ...context.ofKind(bootstrap, "TalosConfigTemplate"),
  ].map((object) => talosFacts(object, context));
  return {
    files: [
      ...kubeadmKinds.flatMap(([group, kind]) =>
        context.ofKind(group, kind).map((object) => kubeadmFile(object, context)),
      ),
      ...["RKE2ControlPlane", "RKE2ControlPlaneTemplate"].flatMap((kind) =>
        context.ofKind(controlPlane, kind).map((object) => rke2File(object, context)),
      ),
      ...talos.flatMap(({ files }) => files),
    ],
    problems: talos.flatMap(({ problems }) => problems),
  };
}

const controlPlane = "controlplane.cluster.x-k8s.io";
const bootstrap = "bootstrap.cluster.x-k8s.io";
const kubeadmKinds = [
  [controlPlane, "KubeadmControlPlane"],
  [controlPlane, "KubeadmControlPlaneTemplate"],
  [bootstrap, "KubeadmConfig"],
  [bootstrap, "KubeadmConfigTemplate"],
] as const;

/** What stands where a template has it, or the object itself. */
function innerSpec(object: KubernetesObject): Fields {
  const spec = specOf(object);
  return isTemplate(object) ? spec.fields("template").fields("spec") : spec;
}

function isTemplate({ kind }: KubernetesObject): boolean {
  return kind.endsWith("Template");
}

/** Machines that only join have no part in how the API server is started. */
function kubeadmFile(object: KubernetesObject, context: ClusterContext): RepositoryFile {
  const isServer = object.kind.startsWith("KubeadmControlPlane");
  const spec = isServer ? innerSpec(object).fields("kubeadmConfigSpec") : innerSpec(object);
  const { place } = object;
  const parts = [
    ["clusterConfiguration", "ClusterConfiguration", isServer],
    ["initConfiguration", "InitConfiguration", false],
    ["joinConfiguration", "JoinConfiguration", false],
  ] as const;
  const all = parts.flatMap(([key, kind, always]) => {
    const node = spec.node(key);
    return node === undefined && !always ? [] : [asDocument(kind, node, spec.place)];
  });
  const documents = documentsOf(all, place, object.encrypted ? sealed : spec.hidden);
  return fileOf(object, ofCluster("kubeadm", readKubeadm(documents, !isTemplate(object)), documents), context);
}

function asDocument(kind: string, node: TreeNode | undefined, place: Place): TreeNode {
  const around: MappingNode = node?.kind === "mapping" ? node : mapping([], node?.place ?? place);
  const word = scalar(kind, around.place);
  return {
    ...around,
    entries: new Map(around.entries).set("kind", { key: "kind", keyPlace: around.place, value: word }),
  };
}

function documentsOf(all: readonly TreeNode[], place: Place, hidden: string | undefined): TalosDocuments {
  return { all, problems: [], place, hidden, broken: undefined };
}

function ofCluster(tool: ClusterTool, reading: ClusterReading, documents: TalosDocuments): Configuration {
  return configurationOf(tool, reading, documents);
}

/** Each key of RKE2's own file, with where the object has it. */
const rke2Keys: readonly (readonly [key: string, ...path: string[]])[] = [
  ["kube-apiserver-arg", "serverConfig", "kubeAPIServer", "extraArgs"],
  ["etcd-arg", "serverConfig", "etcd", "customConfig", "extraArgs"],
  ["etcd-expose-metrics", "serverConfig", "etcd", "exposeMetrics"],
  ["audit-policy-file", "serverConfig", "auditPolicySecret"],
  ["kubelet-arg", "agentConfig", "kubelet", "extraArgs"],
  ["kube-proxy-arg", "agentConfig", "kubeProxy", "extraArgs"],
  ["profile", "agentConfig", "cisProfile"],
  ["pod-security-admission-config-file", "agentConfig", "podSecurityAdmissionConfigFile"],
];

/** The provider adds settings of its own: what the object leaves out is not said to be absent. */
function rke2File(object: KubernetesObject, context: ClusterContext): RepositoryFile {
  const spec = innerSpec(object);
  const root = isTemplate(object) ? valueAt(object.node, "spec", "template", "spec") : valueAt(object.node, "spec");
  const { place } = object;
  const given = rke2Keys.flatMap(([key, ...path]): readonly (readonly [string, TreeNode])[] => {
    const node = valueAt(root, ...path);
    return node === undefined ? [] : [[key, node]];
  });
  const server = scalar("true", place);
  const document = Fields.of(mapping([["cni", server], ...given], place), place, "spec", spec.hidden);
  const documents = documentsOf([], place, object.encrypted ? sealed : spec.hidden);
  return fileOf(object, ofCluster("rke2", readK3s(document, "rke2", false), documents), context);
}

function talosFacts(object: KubernetesObject, context: ClusterContext): ClusterApiFacts {
  const spec = object.kind.startsWith("TalosControlPlane")
    ? innerSpec(object).fields("controlPlaneConfig").fields("controlplane")
    : innerSpec(object);
  const patches = itemsOf(spec.node("strategicPatches"));
  const texts = [spec.node("data"), ...patches].flatMap((node) => (node === undefined ? [] : [node]));
  const operations = spec.node("configPatches");
  const read = texts.flatMap((node, index) => {
    const text = textOf(node);
    return text === undefined ? [] : [{ index, ...talosPatch(text, node.place) }];
  });
  return {
    files: read.flatMap(({ index, configuration }) =>
      configuration === undefined ? [] : [fileOf(object, configuration, context, ` patch ${index + 1}`)],
    ),
    problems: [
      ...read.flatMap(({ problems }) => problems),
      ...(itemsOf(operations).length === 0 || operations === undefined ? [] : [unreadJsonPatch(operations.place)]),
    ],
  };
}

function fileOf(
  object: KubernetesObject,
  configuration: Configuration,
  context: ClusterContext,
  part = "",
): RepositoryFile {
  const { place, kind, name } = object;
  return {
    ...context.subject("repository-file", `${kind}/${context.namespaceOf(object)}/${name}${part}`, place),
    path: place.kind === "file" ? place.source.path : name,
    role: "configuration",
    configuration,
    mode: unstated(place),
    ignored: unstated(place),
    tracked: unstated(place),
    secretNames: complete([], place),
  };
}
