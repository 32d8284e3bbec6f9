/**
 * Which fields of which kinds hold the name of another object, so that they follow when it is renamed.
 * Source: kustomize v5.7.1, `api/internal/konfig/builtinpluginconsts/namereference.go`.
 */
import { type FieldSpec, fieldSpec } from "./field-specs.ts";
import type { KindSelector } from "./resource.ts";

export interface NameReference {
  readonly to: KindSelector;
  readonly from: readonly FieldSpec[];
}

/** Where the kinds that make pods keep the pod's `spec`. */
const podSpecs: readonly (readonly [kind: string, path: string])[] = [
  ["Pod", "spec"],
  ["PodTemplate", "template/spec"],
  ...["Deployment", "ReplicaSet", "DaemonSet", "StatefulSet", "Job"].map(
    (kind) => [kind, "spec/template/spec"] as const,
  ),
  ["CronJob", "spec/jobTemplate/spec/template/spec"],
];

function inPods(fields: readonly string[]): readonly FieldSpec[] {
  return podSpecs.flatMap(([kind, path]) =>
    fields.map((field) => fieldSpec(`${path}/${field}`, kind === "Pod" ? { kind, version: "v1" } : { kind })),
  );
}

function inContainers(fields: readonly string[]): readonly string[] {
  return ["containers", "initContainers"].flatMap((list) => fields.map((field) => `${list}/${field}`));
}

/** Fields that kustomize follows in fewer kinds: not in ReplicaSets and PodTemplates, but in ReplicationControllers. */
const accountedPods: readonly (readonly [kind: string, path: string])[] = [
  ["Pod", "spec"],
  ...["StatefulSet", "Deployment", "ReplicationController", "Job", "DaemonSet"].map(
    (kind) => [kind, "spec/template/spec"] as const,
  ),
  ["CronJob", "spec/jobTemplate/spec/template/spec"],
];

function inAccountedPods(field: string): readonly FieldSpec[] {
  return accountedPods.map(([kind, path]) => fieldSpec(`${path}/${field}`, { kind }));
}

const access = "rbac.authorization.k8s.io";
const admission = "admissionregistration.k8s.io";
const resourceNames = ["Role", "ClusterRole"].map((kind) => fieldSpec("rules/resourceNames", { kind }));

function onIngress(paths: readonly string[]): readonly FieldSpec[] {
  return paths.map((path) => fieldSpec(path, { kind: "Ingress" }));
}

const scaled = ["Deployment", "ReplicationController", "ReplicaSet", "StatefulSet"].map(
  (kind): NameReference => ({
    to: { kind },
    from: [fieldSpec("spec/scaleTargetRef/name", { kind: "HorizontalPodAutoscaler" })],
  }),
);

const configMaps: NameReference = {
  to: { kind: "ConfigMap", version: "v1" },
  from: [
    ...inPods([
      "volumes/configMap/name",
      ...inContainers(["env/valueFrom/configMapKeyRef/name", "envFrom/configMapRef/name"]),
      "volumes/projected/sources/configMap/name",
    ]),
    fieldSpec("spec/configSource/configMap", { kind: "Node" }),
    ...resourceNames,
    ...onIngress(["metadata/annotations/nginx.ingress.kubernetes.io\\/fastcgi-params-configmap"]),
  ],
};

const secrets: NameReference = {
  to: { kind: "Secret", version: "v1" },
  from: [
    ...inPods([
      "volumes/secret/secretName",
      ...inContainers(["env/valueFrom/secretKeyRef/name", "envFrom/secretRef/name"]),
      "imagePullSecrets/name",
      "volumes/projected/sources/secret/name",
    ]),
    ...onIngress([
      "spec/tls/secretName",
      "metadata/annotations/ingress.kubernetes.io\\/auth-secret",
      "metadata/annotations/nginx.ingress.kubernetes.io\\/auth-secret",
      "metadata/annotations/nginx.ingress.kubernetes.io\\/auth-tls-secret",
    ]),
    fieldSpec("imagePullSecrets/name", { kind: "ServiceAccount" }),
    ...["secretName", "adminSecretName", "userSecretName", "secretRef"].map((field) =>
      fieldSpec(`parameters/${field}`, { kind: "StorageClass" }),
    ),
    ...resourceNames,
    fieldSpec("spec/template/spec/containers/env/valueFrom/secretKeyRef/name", {
      kind: "Service",
      group: "serving.knative.dev",
      version: "v1",
    }),
    fieldSpec("spec/azureFile/secretName", { kind: "PersistentVolume" }),
  ],
};

const services: NameReference = {
  to: { kind: "Service", version: "v1" },
  from: [
    fieldSpec("spec/serviceName", { kind: "StatefulSet", group: "apps" }),
    ...onIngress([
      "spec/rules/http/paths/backend/serviceName",
      "spec/backend/serviceName",
      "spec/rules/http/paths/backend/service/name",
      "spec/defaultBackend/service/name",
    ]),
    fieldSpec("spec/service/name", { kind: "APIService", group: "apiregistration.k8s.io" }),
    fieldSpec("webhooks/clientConfig/service", { kind: "ValidatingWebhookConfiguration", group: admission }),
    fieldSpec("webhooks/clientConfig/service", { kind: "MutatingWebhookConfiguration", group: admission }),
  ],
};

const roles: readonly NameReference[] = [
  { to: { kind: "Role", group: access }, from: [fieldSpec("roleRef/name", { kind: "RoleBinding", group: access })] },
  {
    to: { kind: "ClusterRole", group: access },
    from: ["RoleBinding", "ClusterRoleBinding"].map((kind) => fieldSpec("roleRef/name", { kind, group: access })),
  },
];

const accounts: NameReference = {
  to: { kind: "ServiceAccount", version: "v1" },
  from: [
    ...["RoleBinding", "ClusterRoleBinding"].map((kind) => fieldSpec("subjects", { kind, group: access })),
    ...inAccountedPods("serviceAccountName"),
  ],
};

const volumes: readonly NameReference[] = [
  {
    to: { kind: "PersistentVolumeClaim", version: "v1" },
    from: inAccountedPods("volumes/persistentVolumeClaim/claimName"),
  },
  {
    to: { kind: "PersistentVolume", version: "v1" },
    from: [
      fieldSpec("spec/volumeName", { kind: "PersistentVolumeClaim" }),
      fieldSpec("rules/resourceNames", { kind: "ClusterRole" }),
    ],
  },
  {
    to: { kind: "StorageClass", version: "v1", group: "storage.k8s.io" },
    from: [
      fieldSpec("spec/storageClassName", { kind: "PersistentVolume" }),
      fieldSpec("spec/storageClassName", { kind: "PersistentVolumeClaim" }),
      fieldSpec("spec/volumeClaimTemplates/spec/storageClassName", { kind: "StatefulSet" }),
    ],
  },
];

const classes: readonly NameReference[] = [
  {
    to: { kind: "PriorityClass", version: "v1", group: "scheduling.k8s.io" },
    from: inAccountedPods("priorityClassName"),
  },
  {
    to: { kind: "ValidatingAdmissionPolicy", group: admission },
    from: [fieldSpec("spec/policyName", { kind: "ValidatingAdmissionPolicyBinding", group: admission })],
  },
];

/** In kustomize's order. It has a rule for IngressClass too, whose group is written so that it matches nothing. */
export const nameReferences: readonly NameReference[] = [
  ...scaled,
  configMaps,
  secrets,
  services,
  ...roles,
  accounts,
  ...volumes,
  ...classes,
];
