/**
 * Whoever may speak to etcd has the cluster: no role stands between.
 *
 * Reads:  repository-file.configuration (flags of etcd in files of kubeadm and k3s, and in static pods)
 * Passes: etcd asks clients and peers for a certificate, or listens to the machine itself.
 */
import type { Judgement, Severity } from "../../contracts/verdict.ts";
import type { ComponentArgument } from "../../facts/configuration/cluster.ts";
import { type FactList, knownValue } from "../../facts/fact.ts";
import { booleanOfFlag } from "../../lib/boolean-of-flag.ts";
import { isLoopback } from "../../lib/own-address.ts";
import { defineControl } from "../define.ts";
import { about, all, cannotTell, fail, pass } from "../judge.ts";
import { inWordsOf, ofPart, onClusterFile } from "../knowledge/cluster-settings.ts";

const inTools = {
  kubeadm:
    "Take `listen-client-urls`, `listen-peer-urls`, `client-cert-auth` and `trusted-ca-file` out of `etcd.local.extraArgs`: kubeadm gives etcd TLS and has it ask for certificates.",
  k3s: "Take `listen-client-urls`, `listen-peer-urls` and `trusted-ca-file` out of `etcd-arg`: k3s and RKE2 have etcd ask for certificates.",
  component:
    "Start etcd with `--client-cert-auth=true`, `--trusted-ca-file`, `--cert-file` and `--key-file`, the same for peers, and `https://` addresses alone.",
};

/** One of etcd's two doors, with the flags that decide who gets in. */
interface Door {
  readonly who: "clients" | "peers";
  readonly urls: string;
  readonly authority: string;
  readonly asks: string;
  readonly severity: Severity;
  /** The items of the CIS Benchmark that are about it. */
  readonly items: readonly string[];
}

const doors: readonly Door[] = [
  {
    who: "clients",
    urls: "listen-client-urls",
    authority: "trusted-ca-file",
    asks: "client-cert-auth",
    severity: "critical",
    items: ["2.1", "2.2"],
  },
  {
    who: "peers",
    urls: "listen-peer-urls",
    authority: "peer-trusted-ca-file",
    asks: "peer-client-cert-auth",
    severity: "high",
    items: ["2.4", "2.5"],
  },
];

export const etcdClientsVerified = defineControl({
  id: "identity.etcd-clients-verified",
  on: "repository-file",
  software: ["cluster"],
  severity: "critical",
  title: "Clients of etcd show a certificate",
  claim: "Nobody without a certificate of the cluster speaks to etcd from another machine.",
  threat:
    "Whoever reaches the port reads every Secret and writes what they like into the cluster's database, roles and admission left aside: the cluster is theirs.",
  remedy: inTools.component,
  judged:
    "For etcd of kubeadm, k3s and a static pod, for clients and for peers: fails critical for clients (high for peers) when an address other than loopback is served without TLS, or with TLS and neither an authority (`trusted-ca-file`) nor `client-cert-auth`; either of them makes etcd ask. Loopback alone passes, and so does what kubeadm and k3s give by themselves. Unknown when an address or one of the two cannot be told.",
  frameworks: {
    cisKubernetes: ["2.1", "2.2", "2.4", "2.5"],
    nsaKubernetes: ["etcd-encryption", "control-plane"],
    owaspKubernetes: ["K06", "K09"],
    zeroTrust: ["2", "6"],
    nistCsf: ["PR.AA-03", "PR.DS-02"],
    coverage: ["W9", "T5"],
  },
  exposureMatters: false,

  check(file) {
    return onClusterFile(file, ({ settings }) =>
      inWordsOf(
        file,
        inTools,
        ofPart(settings, "etcd", ({ etcdArguments }) =>
          all(...doors.map((door) => about({ cisKubernetes: door.items }, judge(door, etcdArguments)))),
        ),
      ),
    );
  },
});

function judge({ who, urls, authority, asks, severity }: Door, flags: FactList<ComponentArgument>): Judgement {
  const last = (name: string) => flags.items.findLast((flag) => flag.name === name);
  const [at, ca, auth] = [last(urls), last(authority), last(asks)];
  const place = at?.place ?? auth?.place ?? flags.place;
  const addresses = at === undefined ? undefined : (knownValue(at.value) ?? "").split(",").map((url) => url.trim());
  const beyond = addresses?.filter((url) => url !== "" && !isOwn(url));
  const plain = beyond?.find((url) => /^http:/i.test(url));
  if (plain !== undefined)
    return fail(`etcd serves ${who} at ${plain}, without TLS and without asking who connects`, {
      place,
      detail: who,
      severity,
    });
  const open = [at, ca, auth].find((flag) => flag?.value.kind === "unknown");
  if (open?.value.kind === "unknown")
    return cannotTell(`whom etcd takes for ${who}`, open.value.why, { place: open.place, detail: who });
  if (!flags.complete) return cannotTell(`whom etcd takes for ${who}`, flags.why, { place: flags.place, detail: who });
  const verifies = textOf(ca) !== "" || booleanOfFlag(textOf(auth)) === true;
  if (verifies) return pass(`etcd asks its ${who} for a certificate`, place);
  if (beyond?.length === 0) return pass(`etcd serves ${who} on the machine itself alone`, place);
  return fail(`etcd asks its ${who} for no certificate (neither \`${asks}\` nor \`${authority}\`)`, {
    place,
    detail: who,
    severity,
  });
}

function textOf(flag: ComponentArgument | undefined): string {
  return flag === undefined ? "" : (knownValue(flag.value) ?? "");
}

/** Whether an address is one of the machine itself: loopback, or a socket. */
function isOwn(url: string): boolean {
  const host = /^[a-z]+:\/\/(\[[^\]]*\]|[^:/]*)/i.exec(url)?.[1];
  return /^unixs?:/i.test(url) || (host !== undefined && isLoopback(host));
}
