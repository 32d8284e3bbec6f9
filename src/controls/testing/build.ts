/** Subjects with every fact filled in, for fixtures that no file can show: what is declared, measured, or of Git. */
import type { CertificateInFile } from "../../facts/certificate-in-file.ts";
import { complete, defaulted, stated, unstated } from "../../facts/fact.ts";
import type {
  AnySubject,
  Certificate,
  Container,
  Image,
  Lens,
  Network,
  PolicyRule,
  RepositoryFile,
  Route,
  SecretReference,
  SubjectKind,
  Workload,
  Zone,
} from "../../facts/subjects.ts";
import { System } from "../../facts/system.ts";
import type { Place } from "../../lib/place.ts";

export const here: Place = { kind: "object", locator: "fixture" };

const name = "shop";

function base<K extends SubjectKind>(kind: K, of: string, lens: Lens) {
  return { kind, ref: { kind, system: name, name: of }, lens, platform: "compose", place: here } as const;
}

export function system(lens: Lens, ...subjects: readonly AnySubject[]): System {
  return new System({ name, lens, platform: "compose", subjects });
}

export function network(of: string, lens: Lens, facts: Partial<Network> = {}): Network {
  return {
    ...base("network", of, lens),
    driver: defaulted("bridge", "platform", here),
    internal: stated(false, here),
    external: stated(false, here),
    subnets: complete([], here),
    attachable: stated(false, here),
    memberTraffic: stated(true, here),
    hostAccess: unstated(here),
    ...facts,
  };
}

export function zone(of: string, outside: "none" | "outbound" | "ingress" | "both", networks: readonly string[]): Zone {
  return {
    ...base("zone", of, "declared"),
    purpose: of,
    cidr: unstated(here),
    outside: stated(outside, here),
    networks: networks.map((each) => ({ kind: "network", system: name, name: each })),
  };
}

/** A workload of one container and one image, on the networks named. */
export function service(
  of: string,
  lens: Lens,
  image: string,
  networks: readonly string[] = [],
  facts: { readonly workload?: Partial<Workload>; readonly container?: Partial<Container> } = {},
): readonly [Workload, Container, Image] {
  const workloadRef = { kind: "workload", system: name, name: of } as const;
  const containerRef = { kind: "container", system: name, name: of } as const;
  const imageRef = { kind: "image", system: name, name: of } as const;
  const [repository = image, tag = "1.0"] = image.split(":");
  return [
    {
      ...base("workload", of, lens),
      containers: [containerRef],
      networkMode: stated({ kind: "networks" }, here),
      attachments: complete(
        networks.map((each) => ({
          network: { kind: "network", system: name, name: each },
          aliases: [],
          place: here,
        })),
        here,
      ),
      hostPid: stated(false, here),
      hostIpc: stated(false, here),
      hostUts: stated(false, here),
      hostUsers: stated(false, here),
      cgroupParent: unstated(here),
      restart: unstated(here),
      isolation: stated("container", here),
      onlyWith: [],
      labels: complete([], here),
      replicas: stated(1, here),
      dependsOn: [],
      ...facts.workload,
    },
    {
      ...base("container", of, lens),
      workload: workloadRef,
      image: imageRef,
      user: unstated(here),
      supplementaryGroups: complete([], here),
      privileged: stated(false, here),
      addedCapabilities: complete([], here),
      droppedCapabilities: complete([], here),
      noNewPrivileges: unstated(here),
      seccomp: stated({ kind: "default" }, here),
      appArmor: stated({ kind: "default" }, here),
      seLinux: stated({ kind: "default" }, here),
      readOnlyRoot: unstated(here),
      memoryLimit: unstated(here),
      cpuLimit: unstated(here),
      pidsLimit: unstated(here),
      healthCheck: unstated(here),
      environment: complete([], here),
      command: unstated(here),
      entrypoint: unstated(here),
      devices: complete([], here),
      sysctls: complete([], here),
      ulimits: complete([], here),
      logDriver: unstated(here),
      ...facts.container,
    },
    {
      ...base("image", of, lens),
      usedBy: containerRef,
      reference: stated({ text: image, registry: "docker.io", repository: `library/${repository}`, tag }, here),
      built: false,
      pullPolicy: unstated(here),
    },
  ];
}

/** A route to the workload `app` on port 80, as good as Ringwall declares one. */
export function route(lens: Lens, facts: Partial<Route> = {}): Route {
  return {
    ...base("route", "caddy/app.example.org", lens),
    host: stated("app.example.org", here),
    path: stated("/", here),
    edge: undefined,
    target: stated({ workload: { kind: "workload", system: name, name: "app" }, port: 80 }, here),
    audience: stated({ kind: "public" }, here),
    tls: stated({ minimum: "1.2" }, here),
    redirectsToTls: stated(true, here),
    rateLimit: stated({ requests: 100, windowSeconds: 60 }, here),
    loginRateLimit: stated({ requests: 10, windowSeconds: 60 }, here),
    authentication: stated("application", here),
    headers: headers({
      "strict-transport-security": "max-age=31536000; includeSubDomains",
      "x-frame-options": "SAMEORIGIN",
      "x-content-type-options": "nosniff",
      "referrer-policy": "strict-origin-when-cross-origin",
      "permissions-policy": "geolocation=(), microphone=(), camera=()",
      server: null,
    }),
    ...facts,
  };
}

export function headers(values: Readonly<Record<string, string | null>>): Route["headers"] {
  return complete(
    Object.entries(values).map(([header, value]) => ({ name: header, value, place: here })),
    here,
  );
}

/** A flow that a probe tried. */
export function flow(from: string, to: string, facts: Partial<PolicyRule>): PolicyRule {
  return {
    ...base("policy-rule", `${from} → ${to}:5432/tcp`, "measured"),
    from,
    to,
    port: stated(5432, here),
    protocol: stated("tcp", here),
    action: stated("deny", here),
    ...facts,
  };
}

export function secret(lens: Lens, facts: Partial<SecretReference> = {}): SecretReference {
  return {
    ...base("secret-reference", "app/db_password", lens),
    owner: { kind: "workload", system: name, name: "app" },
    secret: "db_password",
    delivery: stated("file", here),
    mode: unstated(here),
    uid: unstated(here),
    target: stated("/run/secrets/db_password", here),
    plaintextSource: stated("none", here),
    ...facts,
  };
}

/** A certificate of nas.example.org in a file, as good as it should be. */
export function certificate(notAfter: string, inFile: Partial<CertificateInFile> = {}): Certificate {
  return {
    ...base("certificate", "nas.example.org", "written"),
    names: ["nas.example.org"],
    notAfter: stated(notAfter, here),
    keyStrength: stated("EC 256", here),
    inFile: {
      format: "x509",
      key: stated({ algorithm: "EC", bits: 256 }, here),
      signatureHash: stated("sha256", here),
      notBefore: stated("2026-01-01T00:00:00.000Z", here),
      authority: stated(false, here),
      selfSigned: stated(false, here),
      asOf: stated("2027-01-01T00:00:00.000Z", here),
      ...inFile,
    },
  };
}

export function file(path: string, role: RepositoryFile["role"], facts: Partial<RepositoryFile> = {}): RepositoryFile {
  return {
    ...base("repository-file", path, "written"),
    path,
    role,
    mode: stated(0o600, here),
    ignored: stated(true, here),
    tracked: stated(false, here),
    secretNames: complete([], here),
    ...facts,
  };
}
