import type { AnySubject, Lens } from "../../../facts/subjects.ts";
import { System } from "../../../facts/system.ts";
import type { KubernetesManifests } from "../objects.ts";
import { readAccess } from "./access/read-access.ts";
import { Cluster } from "./cluster.ts";
import { clusterApiFacts } from "./cluster-api.ts";
import { ClusterContext } from "./context.ts";
import { controlPlanePods } from "./control-plane.ts";
import { readArgo } from "./delivery/argo.ts";
import { argoConnections } from "./delivery/argo-secrets.ts";
import { argoSettings } from "./delivery/argo-settings.ts";
import { readCertificates } from "./delivery/certificates.ts";
import { readFlux } from "./delivery/flux.ts";
import { readK3sCharts } from "./delivery/k3s-charts.ts";
import { secretStores } from "./delivery/secret-stores.ts";
import { attachmentNetworks } from "./multus.ts";
import { readNamespaces } from "./namespaces.ts";
import { unjudgedKinds } from "./pods/unjudged-kinds.ts";
import { readPods } from "./pods.ts";
import { policyRules } from "./policies/policy-rules.ts";
import { readRoutes } from "./routes/read-routes.ts";
import { refusedRoutes } from "./routes/refused.ts";
import { streamListeners } from "./routes/stream-routes.ts";
import { unreadRoutes } from "./routes/unread-routes.ts";
import { serviceListeners } from "./service-listeners.ts";

export interface ReadClusterOptions {
  readonly systemName: string;
  readonly lens?: Lens;
}

/** The facts of one cluster's objects. */
export function readKubernetes(manifests: KubernetesManifests, options: ReadClusterOptions): System {
  return readCluster(manifests, options).system;
}

/** The facts of one cluster's objects, with what was worked out to make them. */
export function readCluster(
  manifests: KubernetesManifests,
  options: ReadClusterOptions,
): { readonly system: System; readonly cluster: Cluster } {
  const context = new ClusterContext(manifests, options.systemName, options.lens ?? "written");
  const cluster = new Cluster(context);
  const pods = readPods(context, (object) => cluster.attachmentsOf(object));
  const listeners = [...serviceListeners(context, cluster.services, cluster.policies), ...streamListeners(cluster)];
  const network = cluster.network();
  const clusterApi = clusterApiFacts(context);
  const subjects: readonly AnySubject[] = [
    ...pods,
    ...listeners,
    ...readRoutes(cluster, [...pods, ...listeners]),
    ...(network === undefined ? [] : [network]),
    ...attachmentNetworks(context),
    ...readNamespaces(cluster),
    ...policyRules(cluster),
    ...readAccess(cluster, pods),
    ...readFlux(context),
    ...readK3sCharts(context),
    ...readArgo(context),
    ...argoConnections(context),
    ...argoSettings(context),
    ...readCertificates(context),
    ...secretStores(context),
    ...controlPlanePods(context),
    ...clusterApi.files,
  ];
  const system = new System({
    name: context.system,
    lens: context.lens,
    platform: "kubernetes",
    subjects,
    problems: [
      ...manifests.problems,
      ...unjudgedKinds(manifests.objects),
      ...cluster.services.problems,
      ...refusedRoutes(cluster),
      ...unreadRoutes(context),
      ...clusterApi.problems,
    ],
  });
  return { system, cluster };
}
