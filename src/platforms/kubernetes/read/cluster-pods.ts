import { defaulted, type Fact, mapFact, unstated } from "../../../facts/fact.ts";
import type { Protocol, Ref } from "../../../facts/subjects.ts";
import { asBoolean, asInteger, asText, type Fields } from "../../../formats/fields.ts";
import type { KubernetesObject } from "../objects.ts";
import { type ClusterContext, itemsIn, textIn } from "./context.ts";
import { type Labels, labelsOf } from "./labels.ts";
import { podKinds, podTemplateOf } from "./pods/template.ts";

/** A port that a container of a pod declares. */
export interface ContainerPort {
  readonly name: string | undefined;
  readonly port: number;
  readonly protocol: Protocol;
}

/** The pods of one object as selectors, policies and Services see them. */
export interface ClusterPod {
  readonly object: KubernetesObject;
  readonly ref: Ref<"workload">;
  readonly namespace: string;
  readonly labels: Labels;
  readonly annotations: Labels;
  /** Policies do not take pods on the node's own network. */
  readonly hostNetwork: Fact<boolean>;
  readonly serviceAccount: Fact<string>;
  /** True when a volume brings a token of the account, whatever is mounted by itself. */
  readonly projectsToken: boolean;
  readonly ports: readonly ContainerPort[];
}

/** The pods of everything that makes some, in the order in which the objects stand. */
export function clusterPods(context: ClusterContext): readonly ClusterPod[] {
  const kinds = new Set(podKinds);
  return context.manifests.objects.flatMap((object) => {
    if (!kinds.has(`${object.group}/${object.kind}`)) return [];
    const template = podTemplateOf(object);
    if (template === undefined) return [];
    const { metadata, spec } = template;
    return [
      {
        object,
        ref: context.workloadRef(object),
        namespace: context.namespaceOf(object),
        labels: labelsOf(metadata),
        annotations: labelsOf(metadata, "annotations"),
        hostNetwork: spec.fact("hostNetwork", asBoolean, "true or false", (at) => defaulted(false, "platform", at)),
        serviceAccount: accountOf(spec),
        projectsToken: projectsToken(spec),
        ports: portsOf(spec),
      },
    ];
  });
}

/** `serviceAccount` is the older name of the field. */
function accountOf(spec: Fields): Fact<string> {
  const field = spec.node("serviceAccountName") === undefined ? "serviceAccount" : "serviceAccountName";
  const named = spec.fact(field, asText, "a text", (at) => defaulted("default", "namespace", at));
  return mapFact(named, (name) => (name === "" ? "default" : name));
}

function projectsToken(spec: Fields): boolean {
  return itemsIn(spec, "volumes").some((volume) =>
    itemsIn(volume.fields("projected"), "sources").some((source) => {
      const token = source.fields("serviceAccountToken");
      // One that is made out to somebody else than the API server opens no door there.
      return source.node("serviceAccountToken") !== undefined && token.node("audience") === undefined;
    }),
  );
}

/** Sidecars are init containers that go on running, and serve ports too. */
function portsOf(spec: Fields): readonly ContainerPort[] {
  return ["containers", "initContainers"].flatMap((key) =>
    itemsIn(spec, key).flatMap((container) =>
      itemsIn(container, "ports").flatMap((fields): readonly ContainerPort[] => {
        const port = fields.fact("containerPort", asInteger, "a port", unstated);
        if (port.kind !== "stated") return [];
        return [{ name: textIn(fields, "name"), port: port.value, protocol: protocolOf(textIn(fields, "protocol")) }];
      }),
    ),
  );
}

/** TCP where none is stated. */
export function protocolOf(text: string | undefined): Protocol {
  const lower = text?.toLowerCase();
  return lower === "udp" || lower === "sctp" ? lower : "tcp";
}
