/** What files say of a cluster's own settings, whether Talos, kubeadm, k3s or a component reads them. */
import type { Judgement } from "../../contracts/verdict.ts";
import type { ClusterConfiguration, ClusterPart, ClusterSettings } from "../../facts/configuration/cluster.ts";
import type { RepositoryFile } from "../../facts/subjects.ts";
import { notApplicable } from "../judge.ts";
import { isJudgement, machineOf, toldOnce } from "./talos.ts";

/** The programs whose files have settings of a cluster. */
export const clusterSoftware = ["talos", "cluster"] as const;

export function settingsOf(file: RepositoryFile): ClusterSettings | Judgement {
  return file.configuration?.software === "cluster" ? file.configuration.settings : machineOf(file);
}

/** Judges a cluster's settings. What only the blocks of a template decide is told once for the file. */
export function onSettings(
  file: RepositoryFile,
  judge: (settings: ClusterSettings) => Judgement | readonly Judgement[],
): Judgement | readonly Judgement[] {
  return toldOnce(settingsOf(file), judge);
}

/** The same for what only machines of the control plane do. One whose role another document gives may be one. */
export function onServerSettings(
  file: RepositoryFile,
  judge: (settings: ClusterSettings) => Judgement | readonly Judgement[],
): Judgement | readonly Judgement[] {
  const settings = settingsOf(file);
  return toldOnce(isJudgement(settings) ? settings : (workerOf(settings) ?? settings), judge);
}

function workerOf({ role }: ClusterSettings): Judgement | undefined {
  return role.kind === "stated" && role.value === "worker" ? notApplicable("it is a worker") : undefined;
}

/** A judgement of one part, where the file speaks of it. */
export function ofPart(
  settings: ClusterSettings,
  part: ClusterPart,
  judge: (settings: ClusterSettings) => Judgement | readonly Judgement[],
): Judgement | readonly Judgement[] {
  if (settings.parts !== undefined && !settings.parts.includes(part))
    return notApplicable(`it says nothing of the ${part}`);
  return workerOf(settings) !== undefined && part !== "kubelet" ? notApplicable("it is a worker") : judge(settings);
}

/** Judges what a cluster is set up with, Talos's machines apart. */
export function onClusterFile(
  file: RepositoryFile,
  judge: (configuration: ClusterConfiguration) => Judgement | readonly Judgement[],
): Judgement | readonly Judgement[] {
  const { configuration } = file;
  if (configuration?.software !== "cluster") return notApplicable("it sets no cluster up");
  return toldOnce(configuration, judge);
}

/** Whether the tool itself has the API server refuse requests without a name: Kubernetes' own default is to answer them. */
export function refusesNameless({ configuration }: RepositoryFile): boolean {
  return configuration?.software !== "cluster" || ["k3s", "rke2", "k3d"].includes(configuration.tool);
}

/**
 * Whether a setting stands in the file as a field or flag with its value, so that it can be changed where it is; a patch of
 * kind is a text within the file, and a component's command may part a flag from its value.
 */
export function isWrittenPlainly({ configuration }: RepositoryFile): boolean {
  if (configuration?.software !== "cluster") return true;
  const { tool, settings } = configuration;
  return tool !== "kind" && (tool !== "kubernetes" || settings.parts?.includes("API server") === false);
}

/** How something is mended in the files of each tool; of Talos' the control's own remedy tells. */
export interface ClusterRemedies {
  /** kubeadm's files, and the patches of kind. */
  readonly kubeadm: string;
  /** k3s, RKE2, k3d. */
  readonly k3s: string;
  /** A component's own files: KubeletConfiguration, static pods, what the API server is started with. */
  readonly component: string;
}

/** The same judgements, each that is a finding with the remedy in the words of the tool whose file it is. */
export function inWordsOf(
  { configuration }: RepositoryFile,
  remedies: ClusterRemedies,
  judged: Judgement | readonly Judgement[],
): Judgement | readonly Judgement[] {
  if (configuration?.software !== "cluster") return judged;
  const remedy = remedies[families[configuration.tool]];
  const inWords = (each: Judgement): Judgement =>
    each.verdict === "fail" || each.verdict === "unknown" ? { remedy, ...each } : each;
  return "verdict" in judged ? inWords(judged) : judged.map(inWords);
}

const families: Readonly<Record<ClusterConfiguration["tool"], keyof ClusterRemedies>> = {
  kubeadm: "kubeadm",
  kind: "kubeadm",
  k3s: "k3s",
  rke2: "k3s",
  k3d: "k3s",
  kubernetes: "component",
};
