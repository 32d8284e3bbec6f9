import { describe, expect, test } from "vitest";
import type { CertManagerExtension, FluxExtension } from "../../../../facts/extensions-cluster.ts";
import { knownValue } from "../../../../facts/fact.ts";
import { clusterOf } from "../../testing/manifests.ts";
import { asDuration } from "./durations.ts";

function flux(text: string): FluxExtension {
  const [pipeline] = clusterOf(text).all("pipeline");
  if (pipeline?.flux === undefined) throw new Error("there is no pipeline");
  return pipeline.flux;
}

function source(kind: string, spec: string, name = "app"): string {
  return `apiVersion: source.toolkit.fluxcd.io/v1\nkind: ${kind}\nmetadata: {name: ${name}, namespace: flux-system}\nspec: ${spec}\n`;
}

function revision(text: string): string {
  const extension = flux(text);
  if (extension.kind === "kustomization") return "";
  const known = knownValue(extension.revision);
  return known === undefined ? extension.revision.kind : `${known.kind} ${known.text}`;
}

// covers: V3 S6 | kubernetes
describe("A source of Flux", () => {
  test.each([
    ["GitRepository", "{url: https://a.example}", "branch master"],
    ["GitRepository", "{url: https://a.example, ref: {branch: main, tag: v1}}", "tag v1"],
    ["GitRepository", "{url: https://a.example, ref: {branch: main, commit: abc}}", "commit abc"],
    ["GitRepository", "{url: https://a.example, ref: {tag: v1, semver: '>=1'}}", "range >=1"],
    ["OCIRepository", "{url: oci://a.example}", "tag latest"],
    ["OCIRepository", "{url: oci://a.example, ref: {tag: v1, digest: 'sha256:a'}}", "digest sha256:a"],
    ["HelmRepository", "{url: https://a.example}", "unstated"],
  ])("of kind %s with %s takes the %s.", (kind, spec, expected) => {
    expect(revision(source(kind, spec))).toBe(expected);
  });

  test("is the cluster's own by its name, or by what a FluxInstance syncs.", () => {
    const own = (name: string, ...more: readonly string[]) => {
      const extension = flux([source("GitRepository", "{url: https://a.example}", name), ...more].join("---\n"));
      return extension.kind === "source" && extension.own;
    };
    expect(own("flux-system")).toBe(true);
    expect(own("podinfo")).toBe(false);
    const instance =
      "apiVersion: fluxcd.controlplane.io/v1\nkind: FluxInstance\nmetadata: {name: flux, namespace: flux-system}\nspec: {sync: {kind: GitRepository, name: cluster}}\n";
    expect(own("cluster", instance)).toBe(true);
  });
});

describe("A HelmRelease", () => {
  const release = (chart: string) =>
    `apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: app, namespace: shop}\nspec: ${chart}\n`;

  test.each([
    ["{chart: {spec: {chart: app, version: 1.2.3, sourceRef: {kind: HelmRepository, name: c}}}}", "tag 1.2.3"],
    ["{chart: {spec: {chart: app, version: 1.x, sourceRef: {kind: HelmRepository, name: c}}}}", "range 1.x"],
    ["{chart: {spec: {chart: app, sourceRef: {kind: HelmRepository, name: c}}}}", "range *"],
    ["{chart: {spec: {chart: ./charts/app, sourceRef: {kind: GitRepository, name: c}}}}", "unstated"],
    ["{chartRef: {kind: OCIRepository, name: app}}", "unstated"],
  ])("of %s takes the %s.", (spec, expected) => {
    expect(revision(release(spec))).toBe(expected);
  });
});

describe("A Kustomization of Flux", () => {
  const kustomization = (spec: string, name = "apps") =>
    `apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: ${name}, namespace: flux-system}\nspec: ${spec}\n`;
  const read = (...texts: readonly string[]) => {
    const extension = flux(texts.join("---\n"));
    if (extension.kind !== "kustomization") throw new Error("it is no Kustomization");
    return extension;
  };

  test("knows whose manifests it applies, and with whose rights.", () => {
    const own = read(kustomization("{path: ./a/b, prune: true, sourceRef: {kind: GitRepository, name: flux-system}}"));
    expect([knownValue(own.own), knownValue(own.prunes), own.serviceAccount.kind]).toEqual([true, true, "unstated"]);
    const foreign = read(
      kustomization(
        "{prune: false, serviceAccountName: app, sourceRef: {kind: GitRepository, name: podinfo, namespace: shop}}",
      ),
    );
    expect([knownValue(foreign.source), knownValue(foreign.own)]).toEqual(["GitRepository/shop/podinfo", false]);
    expect([knownValue(foreign.prunes), knownValue(foreign.serviceAccount)]).toEqual([false, "app"]);
  });

  test("may be given decryption by a patch of another, which is then in doubt.", () => {
    const plain = kustomization("{path: ./a/b, prune: true, sourceRef: {kind: GitRepository, name: flux-system}}");
    const patching = kustomization(
      "{path: ./c/d, prune: true, sourceRef: {kind: GitRepository, name: flux-system}, patches: [{patch: 'spec: {decryption: {provider: sops}}', target: {kind: Kustomization}}]}",
      "all",
    );
    expect(knownValue(read(plain).decrypts)).toBe(false);
    expect(read(plain, patching).decrypts.kind).toBe("unknown");
  });
});

// covers: T2 T3 | kubernetes
describe("A certificate of cert-manager", () => {
  const issuer = (spec: string) =>
    `apiVersion: cert-manager.io/v1\nkind: ClusterIssuer\nmetadata: {name: le}\nspec: ${spec}\n`;
  const read = (...texts: readonly string[]): CertManagerExtension => {
    const [certificate] = clusterOf(texts.join("---\n")).all("certificate");
    if (certificate?.certManager === undefined) throw new Error("there is no certificate");
    return certificate.certManager;
  };
  const asked = (spec = "") =>
    `apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {name: a, namespace: shop}\nspec: {secretName: a-tls, dnsNames: [a.example], issuerRef: {kind: ClusterIssuer, name: le}${spec}}\n`;

  test.each([
    ["{acme: {server: 'https://acme-v02.api.letsencrypt.org/directory'}}", "acme"],
    ["{acme: {server: 'https://acme-staging-v02.api.letsencrypt.org/directory'}}", "acme-staging"],
    ["{selfSigned: {}}", "self-signed"],
    ["{ca: {secretName: root}}", "ca"],
    ["{vault: {server: 'https://vault'}}", "other"],
  ])("of the issuer %s is of the kind %s.", (spec, expected) => {
    expect(knownValue(read(issuer(spec), asked()).issuerKind)).toBe(expected);
  });

  test("has cert-manager's own defaults where it states nothing.", () => {
    const certificate = read(issuer("{selfSigned: {}}"), asked());
    expect([
      knownValue(certificate.duration),
      knownValue(certificate.keyAlgorithm),
      knownValue(certificate.keySize),
    ]).toEqual([90 * 86_400, "RSA", 2048]);
    expect([knownValue(certificate.keyRotated), knownValue(certificate.renewed), certificate.renewBefore.kind]).toEqual(
      [true, true, "unstated"],
    );
  });

  test("is asked for by the annotation of an Ingress for its hosts.", () => {
    const ingress =
      "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: web, namespace: shop, annotations: {cert-manager.io/cluster-issuer: le}}\nspec: {tls: [{hosts: [shop.example], secretName: t}]}\n";
    expect(read(issuer("{selfSigned: {}}"), ingress)).toMatchObject({
      object: "Ingress/shop/web",
      servedFor: ["shop.example"],
    });
  });

  test("serves the hosts of the routes that use its secret.", () => {
    const gateway =
      "apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: g, namespace: shop}\nspec: {gatewayClassName: c, listeners: [{name: h, protocol: HTTPS, port: 443, hostname: a.example, tls: {certificateRefs: [{name: a-tls}]}}]}\n";
    expect(read(issuer("{selfSigned: {}}"), asked(), gateway).servedFor).toEqual(["a.example"]);
  });
});

test("A duration is read as Go reads it.", () => {
  const read = (value: string | number) =>
    asDuration({ kind: "scalar", value, place: { kind: "nowhere", why: "test" } });
  expect([read("2160h"), read("1h30m"), read("90s"), read("1.5h")]).toEqual([7_776_000, 5_400, 90, 5_400]);
  expect([read("90d"), read("soon"), read(90), read("")]).toEqual([undefined, undefined, undefined, undefined]);
});

// covers: T5 V3 | kubernetes
describe("A Secret that tells Argo CD where a repository is", () => {
  const connection = (...lines: readonly string[]) => {
    const head =
      "apiVersion: v1\nkind: Secret\nmetadata: {name: r, namespace: argocd, labels: {argocd.argoproj.io/secret-type: repository}}\nstringData:\n";
    const [pipeline] = clusterOf(`${head}${lines.map((line) => `  ${line}\n`).join("")}`).all("pipeline");
    if (pipeline?.argoConnection === undefined) throw new Error("there is no connection");
    return pipeline.argoConnection;
  };

  test.each([
    ["https://git.home.example/a/b.git", "https://git.home.example"],
    ["HTTP://Git.Home.Example:3000/a/b.git", "http://git.home.example"],
    ["ssh://git@git.home.example:2222/a/b.git", "ssh://git.home.example"],
    ["git@git.home.example:a/b.git", "ssh://git.home.example"],
    ["https://[fd00::1]:3000/a.git", "https://[fd00::1]"],
    ["registry.home.example:5000/charts", "oci://registry.home.example"],
    ["oci://registry.home.example/charts", "oci://registry.home.example"],
  ])("leads from %s to %s.", (url, expected) => {
    expect(knownValue(connection(`url: "${url}"`).address)).toBe(expected);
  });

  test.each(["${GIT_URL}", "https://${HOST}/a.git", "{{ .url }}", "<your repository>", "https://", ""])(
    "leads nowhere that is known from %s.",
    (url) => {
      expect(connection(`url: "${url}"`).address.kind).toBe("unknown");
    },
  );

  test("keeps the user and the password of the address out of its facts.", () => {
    const told = connection('url: "https://argo:s3cr3t-t0ken@git.home.example/a.git"', "password: s3cr3t-t0ken");
    expect(JSON.stringify(knownValue(told.address))).toBe('"https://git.home.example"');
    expect(told.switches.map(({ on }) => knownValue(on))).toEqual([false, false, false]);
  });
});
