/**
 * A sign-in that takes every account of a public provider lets everybody in who cares to make one.
 *
 * Reads:  container.environment, container.command, container.entrypoint, image.reference, repository-file.configuration
 *         (oauth2-proxy), listener.reach (of its workload)
 * Passes: the sign-in names the people, groups or domains that it takes, or its provider is one of your own.
 */
import { seenStart } from "../../facts/command-words.ts";
import { knownValue } from "../../facts/fact.ts";
import { repositoryOf } from "../../facts/image-repository.ts";
import { type SignInSetting, type SignInSettings, takenBy } from "../../facts/knowledge/oauth2-proxy.ts";
import type { Container } from "../../facts/subjects.ts";
import type { System } from "../../facts/system.ts";
import { defineControl } from "../define.ts";
import { cannotTell, fail, notApplicable, pass } from "../judge.ts";
import { whoComes } from "../knowledge/strangers.ts";
import { unseenValue } from "../knowledge/unseen-value.ts";

export const signInSelective = defineControl({
  id: "identity.sign-in-selective",
  on: "container",
  severity: "high",
  title: "A sign-in takes named people only",
  claim: "No sign-in before other services takes every account of a public provider.",
  threat:
    "Whoever has an account at Google or GitHub, which is everybody, passes the sign-in that all the services behind it rely on.",
  remedy:
    "Name who may come: `OAUTH2_PROXY_GITHUB_USERS` or `OAUTH2_PROXY_GITHUB_ORG`, `OAUTH2_PROXY_ALLOWED_GROUPS`, or a list of addresses in `OAUTH2_PROXY_AUTHENTICATED_EMAILS_FILE` with neither `*` nor a domain of public mail in `OAUTH2_PROXY_EMAIL_DOMAINS`: beside those that list keeps nobody out.",
  judged:
    "By the options and variables of oauth2-proxy, and what its own files (`--config`, `--alpha-config`) say besides. Fails where `email-domain` is one of public mail (`gmail.com`), or is `*` and the provider is one at which anybody makes an account (Google, which is the default, GitHub, gitlab.com, Facebook, LinkedIn, Bitbucket, DigitalOcean; by its name or by the address of its server), and neither groups nor users, an organisation, a team or a project are named: high, medium where nothing from outside is seen to lead to it. Unknown when one of them cannot be resolved, when no tenant of Microsoft's is named, and when its own file is not among those that are checked.",
  limits: "Other gatekeepers are not judged.",
  frameworks: {
    owaspDocker: ["D04"],
    owaspKubernetes: ["K09"],
    zeroTrust: ["6"],
    nistCsf: ["PR.AA-01", "PR.AA-05"],
    coverage: ["A3"],
  },
  exposureMatters: false,

  check(container, system) {
    const repository = repositoryOf(container.image === undefined ? undefined : system.get(container.image));
    if (repository === undefined) return notApplicable("its image is not known");
    if (!/(?:^|\/)oauth2[-_]proxy$/i.test(repository)) return notApplicable("no sign-in that is known");
    const taken = takenBy(withOwnFiles(settingsOf(container), container, system));
    if (taken.kind === "named") return pass(taken.why, taken.place);
    if (taken.kind === "unseen")
      return cannotTell("whether the sign-in takes everybody's account", taken.why, {
        place: taken.place ?? container.place,
        severity: taken.severity,
      });
    const workload = system.workloadOf(container);
    const kind = workload === undefined ? "inside" : whoComes(workload, undefined, system).kind;
    return fail(`every account of ${taken.of} passes this sign-in: ${taken.why}, and nobody is named`, {
      place: taken.place,
      ...(kind === "home" || kind === "inside" ? { severity: "medium" as const } : {}),
    });
  },
});

function settingsOf(container: Container): SignInSettings {
  const { environment } = container;
  const list: SignInSetting[] = environment.items.flatMap((variable) => {
    const name = /^OAUTH2_PROXY_(\w+)$/.exec(variable.name)?.[1]?.toLowerCase();
    if (name === undefined) return [];
    const why = unseenValue(variable)?.why;
    const value = knownValue(variable.value)?.reveal().trim();
    return [{ name, value, place: variable.place, ...(why !== undefined && { why }) }];
  });
  const { words, open, hidden } = seenStart(container);
  const parts = words.flatMap((word) => word.split(/\s+/));
  for (const [index, word] of parts.entries()) {
    const match = /^--?([a-z][\w-]*)(?:=(.*))?$/.exec(word);
    if (match === null) continue;
    const name = (match[1] ?? "").replaceAll("-", "_");
    list.push({ name, value: match[2] ?? parts[index + 1] ?? "", place: container.command.place });
  }
  for (const { name, why, place } of open) {
    list.push({ name: name.replace(/^--?/, "").replaceAll("-", "_"), value: undefined, why, place });
  }
  return { list, doubt: environment.complete ? hidden?.why : environment.why };
}

/** With what its own files say where neither an argument nor a variable does; those that are not seen may say anything. */
function withOwnFiles(given: SignInSettings, container: Container, system: System): SignInSettings {
  const workload = system.workloadOf(container);
  const files = (workload === undefined ? [] : system.ownedBy(workload.ref, "repository-file")).flatMap(
    ({ configuration }) => (configuration?.software === "oauth2-proxy" ? (configuration.settings ?? []) : []),
  );
  const named = given.list.filter(({ name, value }) => /^(?:alpha_)?config$/.test(name) && value !== "");
  const unseen = named.length > files.length ? "its own file, which is not among these, says more" : undefined;
  const stated = new Set(given.list.map(({ name }) => bare(name)));
  const written = files.flatMap(({ items }) => items.filter(({ name }) => !stated.has(bare(name))));
  const broken = files.find((file) => !file.complete);
  const doubt = given.doubt ?? (broken?.complete === false ? broken.why : unseen);
  return { list: [...written, ...given.list], doubt };
}

/** In a file what may stand several times has a name in the plural. */
function bare(name: string): string {
  return name.replace(/s$/, "");
}
