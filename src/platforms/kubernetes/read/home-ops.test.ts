/** A living cluster, read as its owner would have it checked: see ../shared/corpus/README.md. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { knownValue } from "../../../facts/fact.ts";
import { System } from "../../../facts/system.ts";
import { readPaths } from "../../read-paths.ts";

const corpus = join(dirname(fileURLToPath(import.meta.url)), "../../../../../shared/corpus/home-ops");

// covers: N8 N12 A10 T3 T4 S6 | kubernetes | real: onedr0p/home-ops
describe.skipIf(!existsSync(corpus))("The cluster of home-ops (needs ../shared/corpus)", () => {
  let system = new System({ name: "none", lens: "written", platform: "kubernetes", subjects: [] });

  beforeAll(() => {
    const { systems } = readPaths([corpus], { cwd: corpus });
    system = systems.find((each) => each.all("pipeline").length > 0) ?? system;
  });

  test("has twelve namespaces, and no policy that isolates one.", () => {
    const zones = system.all("zone").map(({ kubernetes }) => kubernetes);
    expect(zones.map((zone) => zone?.name).sort()).toEqual([
      "actions-runner-system",
      "cert-manager",
      "default",
      "external-secrets",
      "flux-system",
      "kopiur-system",
      "kube-system",
      "miroir-system",
      "network",
      "o11y",
      "rook-ceph",
      "system-upgrade",
    ]);
    expect(zones.map((zone) => zone && knownValue(zone.ingressDenied))).toEqual(zones.map(() => false));
  });

  test("has one Cilium policy, whose denials do not isolate what it takes.", () => {
    const rules = system.all("policy-rule");
    expect(rules.map(({ action, to }) => `${knownValue(action)} ${to}`)).toEqual([
      "deny 10.0.0.0/8",
      "deny 172.16.0.0/12",
      "deny 192.168.0.0/16",
    ]);
    const runners = system.all("zone").find(({ ref }) => ref.name === "actions-runner-system")?.kubernetes;
    expect(runners && knownValue(runners.egressDenied)).toBe(false);
  });

  test("serves its webhook over TLS 1.2, and sends plain HTTP on.", () => {
    const [route] = system.all("route");
    expect(system.all("route")).toHaveLength(1);
    expect(route && [knownValue(route.host), knownValue(route.path), knownValue(route.tls)]).toEqual([
      "flux-webhook.turbo.ac",
      "/hook/",
      { minimum: "1.2" },
    ]);
    expect(route && knownValue(route.redirectsToTls)).toBe(true);
  });

  test("asks a public authority for a short-lived certificate with a new key each time.", () => {
    const [certificate] = system.all("certificate");
    expect(certificate?.names).toEqual(["turbo.ac", "*.turbo.ac"]);
    expect(certificate?.certManager && knownValue(certificate.certManager.issuerKind)).toBe("acme");
    expect(certificate?.certManager && knownValue(certificate.certManager.duration)).toBe(576_000);
    expect(certificate?.certManager && knownValue(certificate.certManager.keyRotated)).toBe(true);
  });

  test("gives its runner cluster-admin.", () => {
    const grant = system.all("grant").find(({ ref }) => ref.name === "ClusterRole/cluster-admin");
    expect(grant?.kubernetes?.holders.items.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      "ServiceAccount actions-runner-system/home-ops-runner",
    ]);
  });

  test("has two further networks of the house, by way of Multus.", () => {
    const networks = system.all("network").map(({ ref, driver }) => [ref.name, knownValue(driver)]);
    expect(networks).toEqual([
      ["kube-system/iot", "macvlan"],
      ["kube-system/vpn", "macvlan"],
    ]);
  });

  test("is delivered from its own repository, with every chart at one version.", () => {
    const pipelines = system.all("pipeline").flatMap(({ flux }) => (flux === undefined ? [] : [flux]));
    const kustomizations = pipelines.filter((each) => each.kind === "kustomization");
    expect(kustomizations.length).toBeGreaterThan(60);
    expect(kustomizations.filter(({ own }) => knownValue(own) !== true)).toEqual([]);
    const sources = pipelines.filter((each) => each.kind === "source");
    expect(sources.length).toBeGreaterThan(60);
    expect(new Set(sources.map(({ revision }) => knownValue(revision)?.kind))).toEqual(new Set(["tag"]));
  });
});
