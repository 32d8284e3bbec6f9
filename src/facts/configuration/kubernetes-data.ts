import type { Place } from "../../lib/place.ts";
import type { Fact, FactList } from "../fact.ts";
import type { Sensitive } from "../sensitive.ts";

/** One key of a Secret or ConfigMap. */
export interface KubernetesDataValue {
  readonly key: string;
  /** Decoded, where it is written in base64. */
  readonly value: Fact<Sensitive>;
  /** True where SOPS keeps this value encrypted: then `value` is unknown, or the cipher text. */
  readonly encrypted: boolean;
  readonly place: Place;
}

/** A Secret or ConfigMap as it is written in a manifest. */
export interface KubernetesDataConfiguration {
  readonly software: "kubernetes";
  readonly kind: "Secret" | "ConfigMap";
  /** `media/db`. */
  readonly name: string;
  /** `kubernetes.io/tls`, `Opaque`; unstated for none, and for a ConfigMap. */
  readonly type: Fact<string>;
  readonly values: FactList<KubernetesDataValue>;
}
