/**
 * Which lists of the built-in kinds a strategic merge patch merges member by member, and by which keys. All other lists
 * it replaces. The types are those that lead to such a list; `metadata` and `spec` of a kind are fields like others.
 *
 * Source: kustomize v5.7.1, `kyaml/openapi/kubernetesapi/v1_21_2/swagger.pb`: `x-kubernetes-patch-strategy`,
 * `x-kubernetes-list-map-keys` and `x-kubernetes-patch-merge-key` of every field but `status`.
 */

/** What a patch knows of one mapping: its fields that hold such lists, or lead to them. */
export interface MergeType {
  readonly fields: Readonly<Record<string, MergeField>>;
}

export interface MergeField {
  /** The type of the value, or of its members where it is a list. */
  readonly type?: MergeType;
  /** Of a list that is merged; empty for one of scalars. Absent for what is no such list. */
  readonly keys?: readonly string[];
}

const objectMeta: MergeType = { fields: { finalizers: { keys: [] }, ownerReferences: { keys: ["uid"] } } };
const withMetadata = (fields: MergeType["fields"] = {}): MergeType => ({
  fields: { metadata: { type: objectMeta }, ...fields },
});

const containerFields: MergeType["fields"] = {
  env: { keys: ["name"] },
  volumeDevices: { keys: ["devicePath"] },
  volumeMounts: { keys: ["mountPath"] },
};
const container: MergeType = { fields: { ...containerFields, ports: { keys: ["containerPort", "protocol"] } } };
const volume: MergeType = {
  fields: { ephemeral: { type: { fields: { volumeClaimTemplate: { type: withMetadata() } } } } },
};
const podSpec: MergeType = {
  fields: {
    containers: { type: container, keys: ["name"] },
    initContainers: { type: container, keys: ["name"] },
    ephemeralContainers: { type: { fields: containerFields }, keys: ["name"] },
    hostAliases: { keys: ["ip"] },
    imagePullSecrets: { keys: ["name"] },
    topologySpreadConstraints: { keys: ["topologyKey", "whenUnsatisfiable"] },
    volumes: { type: volume, keys: ["name"] },
  },
};
const podTemplate = withMetadata({ spec: { type: podSpec } });
const workload = withMetadata({ spec: { type: { fields: { template: { type: podTemplate } } } } });
const statefulSet = withMetadata({
  spec: { type: { fields: { template: { type: podTemplate }, volumeClaimTemplates: { type: withMetadata() } } } },
});
const cronJob = withMetadata({ spec: { type: { fields: { jobTemplate: { type: workload } } } } });
const webhooks = withMetadata({ webhooks: { keys: ["name"] } });
const csiNode = withMetadata({ spec: { type: { fields: { drivers: { keys: ["name"] } } } } });
const plain = withMetadata();

function all(kinds: readonly string[], type: MergeType): Record<string, MergeType> {
  return Object.fromEntries(kinds.map((kind) => [kind, type]));
}

const admission = all(["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"], webhooks);
const access = all(["Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"], plain);
const storage = { ...all(["CSIDriver", "StorageClass", "VolumeAttachment"], plain), CSINode: csiNode };
const storageBeta = { ...storage, CSIStorageCapacity: plain };

const byVersion: Readonly<Record<string, Readonly<Record<string, MergeType>>>> = {
  v1: {
    ...all(
      ["Binding", "ComponentStatus", "ConfigMap", "Endpoints", "Event", "LimitRange", "Namespace", "PersistentVolume"],
      plain,
    ),
    ...all(["PersistentVolumeClaim", "ResourceQuota", "Secret"], plain),
    Node: withMetadata({ spec: { type: { fields: { podCIDRs: { keys: [] } } } } }),
    Pod: podTemplate,
    PodTemplate: withMetadata({ template: { type: podTemplate } }),
    ReplicationController: workload,
    Service: withMetadata({ spec: { type: { fields: { ports: { keys: ["port", "protocol"] } } } } }),
    ServiceAccount: withMetadata({ secrets: { keys: ["name"] } }),
  },
  "apps/v1": {
    ...all(["DaemonSet", "Deployment", "ReplicaSet"], workload),
    StatefulSet: statefulSet,
    ControllerRevision: plain,
  },
  "batch/v1": { Job: workload, CronJob: cronJob },
  "batch/v1beta1": { CronJob: cronJob },
  "admissionregistration.k8s.io/v1": admission,
  "admissionregistration.k8s.io/v1beta1": admission,
  "apiextensions.k8s.io/v1": all(["CustomResourceDefinition"], plain),
  "apiextensions.k8s.io/v1beta1": all(["CustomResourceDefinition"], plain),
  "apiregistration.k8s.io/v1": all(["APIService"], plain),
  "apiregistration.k8s.io/v1beta1": all(["APIService"], plain),
  "autoscaling/v1": all(["HorizontalPodAutoscaler"], plain),
  "autoscaling/v2beta1": all(["HorizontalPodAutoscaler"], plain),
  "autoscaling/v2beta2": all(["HorizontalPodAutoscaler"], plain),
  "certificates.k8s.io/v1": all(["CertificateSigningRequest"], plain),
  "coordination.k8s.io/v1": all(["Lease"], plain),
  "discovery.k8s.io/v1": all(["EndpointSlice"], plain),
  "extensions/v1beta1": all(["Ingress"], plain),
  "networking.k8s.io/v1": all(["Ingress", "IngressClass", "NetworkPolicy"], plain),
  "networking.k8s.io/v1beta1": all(["Ingress", "IngressClass"], plain),
  "node.k8s.io/v1": all(["RuntimeClass"], plain),
  "policy/v1": all(["PodDisruptionBudget"], plain),
  "policy/v1beta1": all(["PodDisruptionBudget", "PodSecurityPolicy"], plain),
  "rbac.authorization.k8s.io/v1": access,
  "rbac.authorization.k8s.io/v1beta1": access,
  "scheduling.k8s.io/v1": all(["PriorityClass"], plain),
  "storage.k8s.io/v1": storage,
  "storage.k8s.io/v1beta1": storageBeta,
};

/** What a patch knows of a kind; undefined for a custom one, of which it merges no list. */
export function mergeTypeOf(apiVersion: string, kind: string): MergeType | undefined {
  return own(own(byVersion, apiVersion), kind);
}

/** What a patch knows of a field; undefined for one that leads to no list that it merges. */
export function mergeFieldOf(type: MergeType | undefined, key: string): MergeField | undefined {
  return own(type?.fields, key);
}

function own<T>(of: Readonly<Record<string, T>> | undefined, key: string): T | undefined {
  return of !== undefined && Object.hasOwn(of, key) ? of[key] : undefined;
}
