/**
 * Where everybody makes an account of his own, a login keeps nobody out.
 *
 * Reads:  container.environment, image.reference, mount.target, listener.reach, route.audience, route.authentication
 * Passes: the program takes no new accounts, or whoever comes has signed in at the proxy before.
 */
import type { Judgement } from "../../contracts/verdict.ts";
import { knownValue } from "../../facts/fact.ts";
import { repositoryOf } from "../../facts/image-repository.ts";
import type { Container, EnvironmentVariable } from "../../facts/subjects.ts";
import type { System } from "../../facts/system.ts";
import { defineControl } from "../define.ts";
import { cannotTell, fail, notApplicable, pass } from "../judge.ts";
import { type Registration, registrations, type VariableWithValue } from "../knowledge/registration.ts";
import { serviceConfigurationOf } from "../knowledge/service-configuration.ts";
import { whoComes } from "../knowledge/strangers.ts";
import { unseenValue } from "../knowledge/unseen-value.ts";

export const registrationClosed = defineControl({
  id: "identity.registration-closed",
  on: "container",
  severity: "medium",
  title: "Strangers make no accounts of their own",
  claim: "No service that strangers reach lets them make accounts of their own.",
  threat:
    "Whoever finds the page has an account: he fills the disk, runs what accounts may run, and every hole that needs a login is open to him.",
  remedy: "Make the accounts that you need, then close registration, and invite whoever comes later.",
  judged:
    "By image and variable: Vaultwarden, Gitea, Forgejo, Mealie, Vikunja, Karakeep, Linkwarden, Homebox, Healthchecks, Joplin Server, Paperless-ngx, Tandoor, HedgeDoc, Open WebUI, wallabag, Kutt, Wakapi, AdventureLog, LibreChat, wger, ntfy, Woodpecker, Drone, Chatwoot and Grafana. Fails where the variable opens registration, or is left out and the program has it open by itself: medium where a port is published to everybody or a route leads to it that asks for no sign-in, low where only the networks at home, stated networks or a tailnet do, info where nothing from outside leads to it. Passes where registration is closed, and where every way in demands a sign-in of the proxy. Unknown when the variable cannot be resolved, and where another place decides, as Gitea's set-up page or Vaultwarden's admin page.",
  limits:
    "Programs that keep the switch in their database alone (GitLab, Mastodon, Nextcloud) are not judged. What a file of Grafana, Gitea or Forgejo says is judged by `identity.configured-login-required`; other programs' files are not read for it.",
  frameworks: {
    owaspDocker: ["D04"],
    owaspKubernetes: ["K09"],
    zeroTrust: ["6"],
    nistCsf: ["PR.AA-01", "PR.AA-05"],
    coverage: ["A3"],
  },
  exposureMatters: false,

  check(container, system) {
    if (container.kubernetes?.role === "init") return notApplicable("it ends before anybody comes");
    const image = container.image === undefined ? undefined : system.get(container.image);
    const repository = repositoryOf(image)?.toLowerCase();
    if (repository === undefined) return notApplicable("its image is not known");
    const tag = image === undefined ? undefined : knownValue(image.reference)?.tag;
    const row = registrations.find(
      ({ images, tags }) => images.test(repository) && (tags === undefined || (tag !== undefined && tags.test(tag))),
    );
    if (row === undefined || (tag !== undefined && row.otherParts?.test(tag) === true))
      return notApplicable("no program that is known to let people make accounts");
    return judgeState(row, stateOf(row, container, system), container, system);
  },
});

/** Whether strangers may make accounts, as far as settings tell. */
type State =
  | { readonly kind: "closed"; readonly why: string; readonly by?: EnvironmentVariable }
  | { readonly kind: "open"; readonly why: string; readonly by?: EnvironmentVariable }
  | { readonly kind: "unknown"; readonly why: string; readonly by?: EnvironmentVariable; readonly mild?: true }
  | { readonly kind: "in its file"; readonly why: string; readonly by?: undefined };

function stateOf(row: Registration, container: Container, system: System): State {
  const { environment } = container;
  for (const closing of row.closedBy ?? []) {
    const found = given(closing, container);
    if (found === undefined) continue;
    const unseen = unseenValue(found);
    if (unseen !== undefined)
      return { kind: "unknown", why: `\`${found.name}\` may close it: ${unseen.why}`, by: found };
    if (closing.value.test(textOf(found))) return { kind: "closed", why: `\`${found.name}\` closes it`, by: found };
  }
  const narrowing = row.narrowedBy && given(row.narrowedBy, container);
  const hidden = narrowing && unseenValue(narrowing);
  if (narrowing !== undefined && hidden !== undefined)
    return { kind: "unknown", why: `\`${narrowing.name}\` may let some in alone: ${hidden.why}`, by: narrowing };
  if (narrowing !== undefined && textOf(narrowing) !== "") {
    return { kind: "unknown", why: `\`${narrowing.name}\` lets some in, and who they are is not seen`, by: narrowing };
  }
  const deciding = environment.items.findLast(({ name }) => row.variable.test(name));
  if (deciding !== undefined) return stateBy(row, deciding);
  if (!environment.complete) return { kind: "unknown", why: environment.why };
  return stateByDefault(row, container, system);
}

function stateBy(row: Registration, variable: EnvironmentVariable): State {
  const unseen = unseenValue(variable);
  if (unseen !== undefined) {
    return { kind: "unknown", why: unseen.why, by: variable, ...(unseen.extras.severity === "info" && { mild: true }) };
  }
  const text = textOf(variable);
  const { name } = variable;
  // A word that the program knows decides, before the pattern of all the others.
  if (row.closed.test(text)) return { kind: "closed", why: `\`${name}\` closes it`, by: variable };
  if (row.open.test(text)) return { kind: "open", why: `\`${name}\` opens it`, by: variable };
  const why = text === "" ? `\`${name}\` is empty` : `\`${name}\` neither opens nor closes it`;
  return { kind: "unknown", why, by: variable };
}

function stateByDefault(row: Registration, container: Container, system: System): State {
  if (hasReadFile(row, container, system))
    return { kind: "in its file", why: "its own file says so, and is judged by itself" };
  const overruling = row.overruledBy && given(row.overruledBy, container);
  const mayOverrule = overruling !== undefined && (unseenValue(overruling) !== undefined || textOf(overruling) !== "");
  if (row.overruledBy !== undefined && mayOverrule) {
    return { kind: "unknown", why: row.overruledBy.decidedBy, mild: true };
  }
  const file = mountedOf(row, container, system);
  if (file !== undefined) return { kind: "unknown", why: `\`${file}\` is mounted, and not read for it`, mild: true };
  if (typeof row.byDefault !== "string") return { kind: "unknown", why: row.byDefault.decidedBy, mild: true };
  const why = `no variable says so, and it is ${row.byDefault} by itself`;
  return { kind: row.byDefault, why };
}

/** The last variable of these names. */
function given({ name }: Pick<VariableWithValue, "name">, { environment }: Container): EnvironmentVariable | undefined {
  return environment.items.findLast((variable) => name.test(variable.name));
}

function textOf({ value }: EnvironmentVariable): string {
  return knownValue(value)?.reveal().trim() ?? "";
}

/** Whether a file of the program's is among those that are read: `identity.configured-login-required` judges what it says. */
function hasReadFile({ program }: Registration, container: Container, system: System): boolean {
  const workload = system.workloadOf(container);
  const files = workload === undefined ? [] : system.ownedBy(workload.ref, "repository-file");
  return files.some((file) => {
    const found = serviceConfigurationOf(file);
    // Forgejo's file is Gitea's.
    const isIts = found?.program === program || (program === "Forgejo" && found?.program === "Gitea");
    return isIts && found?.configuration.openDoors !== undefined;
  });
}

/** Where something of the author's lies in which the program may find it; a volume is filled by the program itself. */
function mountedOf({ files }: Registration, container: Container, system: System): string | undefined {
  if (files === undefined) return undefined;
  const mount = system.ownedBy(container.ref, "mount").find(({ target, type }) => {
    const path = knownValue(target)?.replace(/\/+$/, "");
    const kind = knownValue(type);
    return kind !== "volume" && kind !== "anonymous-volume" && kind !== "tmpfs" && (!path || files.test(path));
  });
  return mount === undefined ? undefined : (knownValue(mount.target) ?? "a file");
}

const severities = { everybody: "medium", home: "low", inside: "info" } as const;

function judgeState(row: Registration, state: State, container: Container, system: System): Judgement {
  const place = state.by?.place ?? container.place;
  const extras = { place, detail: "registration" };
  if (state.kind === "closed") return pass(`${row.program} takes no new accounts: ${state.why}`, place);
  if (state.kind === "in its file") return notApplicable(state.why);
  const workload = system.workloadOf(container);
  if (workload === undefined) return notApplicable("it is part of no service");
  const coming = whoComes(workload, row.otherPorts, system);
  if (coming.kind === "signed in") return pass(`whoever comes to ${row.program} has signed in at the proxy`, place);
  const what = `whether strangers make accounts in ${row.program}`;
  if (state.kind === "unknown") {
    const mild = state.mild === true || coming.kind === "home" || coming.kind === "inside";
    return cannotTell(what, state.why, { ...extras, severity: mild ? "info" : "low" });
  }
  if (coming.kind === "in doubt") return cannotTell(what, coming.why, { ...extras, severity: "low" });
  const reach = coming.kind === "everybody" ? "everybody reaches it" : "nothing leads strangers straight to it";
  return fail(`whoever comes makes an account in ${row.program}: ${state.why}; ${reach}: ${coming.why}`, {
    ...extras,
    severity: severities[coming.kind],
    remedy: row.remedy,
    apart: row.program,
  });
}
