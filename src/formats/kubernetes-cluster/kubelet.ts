/** KubeletConfiguration and KubeProxyConfiguration, under the names of the flags that their fields replace. */
import type { ClusterSettings, ComponentArgument } from "../../facts/configuration/cluster.ts";
import { complete, defaulted, type Fact, incomplete, mapFact, stated, unknown, unstated } from "../../facts/fact.ts";
import { booleanOfFlag } from "../../lib/boolean-of-flag.ts";
import { asBoolean, asText, type Fields } from "../fields.ts";
import { type Flags, lastOf, opened } from "./flags.ts";

export type KubeletSettings = Pick<ClusterSettings, "kubeletArguments" | "seccompDefault">;

/**
 * What a KubeletConfiguration says. Other than by flags alone, where the kubelet keeps its old defaults (anonymous requests,
 * AlwaysAllow, port 10255), a file's own are safe: none of the three is on unless it is stated.
 *
 * Sources: `pkg/kubelet/apis/config/v1beta1/defaults.go` of Kubernetes 1.34 (`authentication.anonymous.enabled: false`,
 * `authorization.mode: Webhook`, `seccompDefault: false`), `cmd/kubelet/app/options/options.go` (applyLegacyDefaults).
 */
export function kubeletOf(document: Fields, whole: boolean): KubeletSettings {
  const anonymous = document.fields("authentication").fields("anonymous");
  const authorization = document.fields("authorization");
  return {
    kubeletArguments: asFlags(document, [
      ["anonymous-auth", anonymous, "enabled"],
      ["authorization-mode", authorization, "mode"],
      ["read-only-port", document, "readOnlyPort"],
    ]),
    seccompDefault: document.fact("seccompDefault", asBoolean, "true or false", (place) =>
      whole ? defaulted(false, "platform", place) : unstated(place),
    ),
  };
}

/** `metricsBindAddress`: 127.0.0.1 unless stated. Source: kubeproxy.config.k8s.io/v1alpha1 of Kubernetes 1.34. */
export function proxyFlags(document: Fields): Flags {
  return asFlags(document, [["metrics-bind-address", document, "metricsBindAddress"]]);
}

function asFlags(document: Fields, known: readonly (readonly [flag: string, Fields, key: string])[]): Flags {
  const items = known.flatMap(([name, fields, key]): readonly ComponentArgument[] => {
    if (fields.node(key) === undefined) return [];
    const value = fields.fact<string>(key, asText, "a text", unstated);
    return [opened({ name, value, place: fields.keyPlace(key) })];
  });
  const hidden = document.hidden ?? known.find(([, { hidden: why }]) => why !== undefined)?.[1].hidden;
  return hidden === undefined ? complete(items, document.place) : incomplete(items, hidden, document.place);
}

/** The kubelet by flags that are laid over what its file says. */
export function seccompOf(flags: Flags): Fact<boolean> {
  const flag = lastOf(flags, "seccomp-default");
  if (flag === undefined) return unstated(flags.place);
  const known = mapFact(flag.value, booleanOfFlag);
  if (known.kind !== "stated") return unknown("`seccomp-default` cannot be told", flag.place);
  return known.value === undefined
    ? unknown("`seccomp-default` is neither true nor false", flag.place)
    : stated(known.value, flag.place);
}
