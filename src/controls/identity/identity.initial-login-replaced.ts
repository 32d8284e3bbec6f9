/**
 * The password that a program begins with is in its manual, and the first that is tried.
 *
 * Reads:  container.environment, image.reference, mount.target
 * Passes: something sets another, or the program is none that is known to begin with one.
 */
import type { Judgement } from "../../contracts/verdict.ts";
import { knownValue } from "../../facts/fact.ts";
import { repositoryOf } from "../../facts/image-repository.ts";
import type { Container, EnvironmentVariable } from "../../facts/subjects.ts";
import type { System } from "../../facts/system.ts";
import { defineControl } from "../define.ts";
import { cannotTell, fail, notApplicable, pass } from "../judge.ts";
import { type InitialLogin, initialLogins } from "../knowledge/initial-logins.ts";

export const initialLoginReplaced = defineControl({
  id: "identity.initial-login-replaced",
  on: "container",
  severity: "medium",
  title: "No program keeps the password that it begins with",
  claim: "No program begins with a password or a key that its manual tells everybody.",
  threat:
    "Scanners try the password of the manual within the hour in which a page is found, and whoever is first is its administrator.",
  remedy: "Set a password of your own by the program's variable, or change it before anybody else can reach it.",
  judged:
    "By image: Grafana, MinIO, LLDAP and Paperless-ngx 2 fail where no variable sets another password or key. Of Nginx Proxy Manager, BookStack, qBittorrent before 4.6.1, Guacamole, Umami and Zabbix, in which it is changed by hand, it cannot be told; nor where a file is mounted that may set it.",
  limits:
    "Programs that are not in the list, and those that ask for a password when they are first opened, are not judged.",
  frameworks: {
    owaspDocker: ["D04"],
    owaspKubernetes: ["K09"],
    nistCsf: ["PR.AA-01"],
    coverage: ["A1", "S11"],
  },

  check(container, system) {
    if (container.kubernetes?.role === "init") return notApplicable("it ends before anybody comes");
    const image = container.image === undefined ? undefined : system.get(container.image);
    const repository = repositoryOf(image)?.toLowerCase();
    if (repository === undefined) return notApplicable("its image is not known");
    const tag = image === undefined ? undefined : knownValue(image.reference)?.tag;
    const row = initialLogins.find(
      ({ images, tags }) => images.test(repository) && (tags === undefined || (tag !== undefined && tags.test(tag))),
    );
    return row === undefined
      ? notApplicable("no program that is known to begin with a password of its own")
      : judge(row, container, system);
  },
});

function judge(row: InitialLogin, container: Container, system: System): Judgement {
  const { environment, place } = container;
  const set = given(row.setBy, container) ?? given(row.unless, container);
  const extras = { place, detail: row.program, remedy: row.remedy };
  const what = `whether ${row.what} is another than the manual tells everybody`;
  if (set?.value.kind === "unknown")
    return cannotTell(what, set.value.why, { ...extras, place: set.place, severity: "info" });
  if (set !== undefined) return pass(`\`${set.name}\` sets ${row.what}`, set.place);
  if (!environment.complete) return cannotTell(what, environment.why, { ...extras, severity: "low" });
  const whole = wholeSecretOf(container, system);
  if (whole !== undefined)
    return cannotTell(what, `all variables of the Secret ${whole} are taken, which is not among the files`, {
      ...extras,
      severity: "low",
    });
  const file = mountedOf(row, container, system);
  if (file !== undefined)
    return cannotTell(what, `\`${file}\` is mounted, and not read for it`, { ...extras, severity: "low" });
  if (row.changedInside === true) return cannotTell(what, "it is changed in the program itself", extras);
  return fail(`nothing sets ${row.what}, and what it begins with stands in the manual`, {
    ...extras,
    apart: row.program,
  });
}

/** A Secret that the environment takes as a whole, and of which no variable is seen. */
function wholeSecretOf(container: Container, system: System): string | undefined {
  const workload = container.platform === "kubernetes" ? system.workloadOf(container) : undefined;
  if (workload === undefined) return undefined;
  const { environment } = container;
  const told = (secret: string): boolean =>
    environment.items.some(({ from, suppliedBy }) => (from ?? suppliedBy)?.endsWith(`/${secret}`) === true);
  return system.ownedBy(workload.ref, "secret-reference").find(({ delivery, secret, plaintextSource }) => {
    const isSeen = knownValue(plaintextSource) !== undefined && knownValue(plaintextSource) !== "none";
    return knownValue(delivery) === "environment" && !isSeen && !told(secret);
  })?.secret;
}

/** A variable that is set to something, seen or not; an empty one sets nothing. */
function given(name: RegExp | undefined, { environment }: Container): EnvironmentVariable | undefined {
  if (name === undefined) return undefined;
  return environment.items.find(
    (variable) => name.test(variable.name) && knownValue(variable.value)?.reveal().trim() !== "",
  );
}

function mountedOf({ files }: InitialLogin, container: Container, system: System): string | undefined {
  if (files === undefined) return undefined;
  const mount = system.ownedBy(container.ref, "mount").find(({ target, type }) => {
    const path = knownValue(target)?.replace(/\/+$/, "");
    const kind = knownValue(type);
    return (
      kind !== "volume" && kind !== "anonymous-volume" && kind !== "tmpfs" && path !== undefined && files.test(path)
    );
  });
  return mount === undefined ? undefined : (knownValue(mount.target) ?? "a file");
}
