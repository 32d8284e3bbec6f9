/** What each of a cluster's files is read into, and how several of one text become one. */
import type {
  ClusterConfiguration,
  ClusterPart,
  ClusterSecret,
  ClusterSettings,
  ClusterTool,
} from "../../facts/configuration/cluster.ts";
import { complete, type Fact, incomplete, unstated } from "../../facts/fact.ts";
import type { Place } from "../../lib/place.ts";
import type { Flags } from "./flags.ts";

export interface ClusterReading {
  readonly parts: readonly ClusterPart[];
  readonly settings: Omit<ClusterSettings, "whole" | "parts" | "role">;
  readonly proxyArguments: Flags;
  readonly joinVerified?: Fact<boolean> | undefined;
  readonly kubeconfigMode?: Fact<number> | undefined;
  readonly secrets: readonly ClusterSecret[];
}

/** A file's facts. `broken`: why a part of the text could not be read at all. */
export function configurationOf(
  tool: ClusterTool,
  reading: ClusterReading,
  { place, broken }: { readonly place: Place; readonly broken: string | undefined },
): ClusterConfiguration {
  const { parts, settings, proxyArguments, joinVerified, kubeconfigMode, secrets } = reading;
  const at = secrets[0]?.place ?? place;
  return {
    software: "cluster",
    tool,
    // What is left out and means something is a default here: nothing is unstated that another file could not say.
    settings: { ...settings, whole: false, parts, role: unstated(place) },
    proxyArguments,
    ...(joinVerified === undefined ? {} : { joinVerified }),
    ...(kubeconfigMode === undefined ? {} : { kubeconfigMode }),
    secrets: broken === undefined ? complete(secrets, at) : incomplete(secrets, broken, at),
  };
}
