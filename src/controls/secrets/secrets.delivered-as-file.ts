/**
 * A secret in the environment shows in `docker inspect`, in crash reports, and in every process that it starts.
 *
 * Reads:  secret-reference.delivery, container.environment (to leave what is written out to another control)
 * Passes: the secret is delivered as a file.
 */
import { oncePerKey } from "../../facts/once.ts";
import type { Container, EnvironmentVariable, SecretReference } from "../../facts/subjects.ts";
import type { System } from "../../facts/system.ts";
import { defineControl } from "../define.ts";
import { forbid, notApplicable } from "../judge.ts";
import { isWrittenOut, secretUseOfVariable } from "../knowledge/secret-values.ts";

export const deliveredAsFile = defineControl({
  id: "secrets.delivered-as-file",
  on: "secret-reference",
  severity: "low",
  title: "Secrets are delivered as files",
  claim: "Every secret reaches its service as a file, not in the environment.",
  threat:
    "Whoever may ask the engine reads the environment of every container; programs print theirs when they crash and hand it to all that they start.",
  remedy:
    "Use the image's variable that names a file, for example `POSTGRES_PASSWORD_FILE: /run/secrets/db_password`, with `secrets: [db_password]` on the service and `secrets: { db_password: { file: ./secrets/db_password } }` at the top. Where the image knows no file, record it: `# ringwall-ignore secrets.delivered-as-file: reason`.",
  remedies: {
    incus:
      "Put it into the instance as a file: a `file` block with `content = var.NAME`, `target_path`, `mode = \"0400\"` and the service's `uid`, and give the image's variable that names a file (`…_FILE`, Grafana's `…__FILE`). Everybody who may look at the instance reads `environment.*`. Where the image knows no file, record it: `# ringwall-ignore secrets.delivered-as-file: reason`.",
    kubernetes:
      "Mount the Secret as a volume (`volumes: [{ name: db, secret: { secretName: db, defaultMode: 0400 } }]`, `volumeMounts: [{ name: db, mountPath: /run/secrets/db, readOnly: true }]`) and use the image's variable that names a file (`…_FILE`). Where the image knows no file, record it: `# ringwall-ignore secrets.delivered-as-file: reason`.",
  },
  judged:
    "Fails for a secret in the environment. One that is written out in the file is left to secrets.literal-absent or secrets.value-strong, one in a build to secrets.build-free.",
  frameworks: {
    owaspDocker: ["D06"],
    cisKubernetes: ["5.4.1"],
    owaspKubernetes: ["K03"],
    nsaKubernetes: ["secrets"],
    nistCsf: ["PR.DS-10"],
    coverage: ["S2"],
  },
  exposureMatters: false,

  check(reference, system) {
    if (reference.delivery.kind === "stated" && reference.delivery.value === "build") {
      return notApplicable("secrets.build-free judges it");
    }
    if (isReportedByValue(reference, system))
      return notApplicable("secrets.literal-absent or secrets.value-strong reports it");
    return forbid(reference.delivery, (delivery) => delivery !== "file", {
      what: nameOf(reference, system),
      show: (delivery) => (delivery === "file" ? "delivered as a file" : `delivered in the ${delivery}`),
    });
  },
});

/** On Kubernetes a secret is a Secret, or a variable that is written into the pod. */
function nameOf({ platform, secret, owner }: SecretReference, system: System): string {
  const workload = system.workload(owner);
  if (platform !== "kubernetes" || workload === undefined) return secret;
  const isVariable = system.containersOf(workload).some((container) => variablesOf(container, system).has(secret));
  return isVariable ? secret : `the Secret ${secret}`;
}

function isReportedByValue(reference: SecretReference, system: System): boolean {
  const workload = system.workload(reference.owner);
  if (workload === undefined) return false;
  return system.containersOf(workload).some((container) => {
    const variable = variablesOf(container, system).get(reference.secret);
    if (variable === undefined || !isWrittenOut(variable)) return false;
    return secretUseOfVariable(variable, container, system).kind === "secret";
  });
}

/** The variables of a container by their names; of several under one name the first. */
const variablesOf = oncePerKey((container: Container): ReadonlyMap<string, EnvironmentVariable> => {
  const found = new Map<string, EnvironmentVariable>();
  for (const variable of container.environment.items) if (!found.has(variable.name)) found.set(variable.name, variable);
  return found;
});
