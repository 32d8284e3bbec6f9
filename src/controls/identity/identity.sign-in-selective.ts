/**
 * A sign-in that takes every account of a public provider lets everybody in who cares to make one.
 *
 * Reads:  container.environment, container.command, container.entrypoint, image.reference, listener.reach (of its workload)
 * Passes: the sign-in names the people, groups or domains that it takes, or its provider is one of your own.
 */
import type { Judgement } from "../../contracts/verdict.ts";
import { seenStart } from "../../facts/command-words.ts";
import { knownValue } from "../../facts/fact.ts";
import { repositoryOf } from "../../facts/image-repository.ts";
import { type Accounts, accountsAt, accountsOfTenant } from "../../facts/knowledge/sign-in-providers.ts";
import type { Container } from "../../facts/subjects.ts";
import type { System } from "../../facts/system.ts";
import type { Place } from "../../lib/place.ts";
import { defineControl } from "../define.ts";
import { cannotTell, fail, notApplicable, pass } from "../judge.ts";
import { whoComes } from "../knowledge/strangers.ts";
import { unseenValue } from "../knowledge/unseen-value.ts";

/**
 * Where anybody makes an account. Source: oauth2-proxy 7.14's manual, "OAuth Provider Configuration"; `google` by default.
 * `azure` is of every tenant unless `azure_tenant` names one, and `entra-id` of that in `oidc_issuer_url`.
 */
const publicProviders = new Set(["google", "github", "gitlab", "facebook", "linkedin", "bitbucket", "digitalocean"]);
/** Where its server is: GitLab or GitHub Enterprise at home, an OpenID provider. */
const serverOption = /^(?:oidc_issuer_url|login_url)$/;
/**
 * What takes some accounts of a provider only. `authenticated_emails_file` is not among them: beside `*` it is not asked
 * (oauth2-proxy, validator.go, `allowAll`).
 */
const narrowing =
  /^(?:allowed_(?:groups?|roles?)|github_(?:org|team|repo|users?)|google_groups?|gitlab_(?:groups?|projects?)|bitbucket_(?:team|repository)|keycloak_groups?|entra_id_allowed_tenants?)$/;
const domainOption = /^email_domains?$/;

export const signInSelective = defineControl({
  id: "identity.sign-in-selective",
  on: "container",
  severity: "high",
  title: "A sign-in takes named people only",
  claim: "No sign-in before other services takes every account of a public provider.",
  threat:
    "Whoever has an account at Google or GitHub, which is everybody, passes the sign-in that all the services behind it rely on.",
  remedy:
    "Name who may come: `OAUTH2_PROXY_GITHUB_USERS` or `OAUTH2_PROXY_GITHUB_ORG`, `OAUTH2_PROXY_ALLOWED_GROUPS`, or a list of addresses in `OAUTH2_PROXY_AUTHENTICATED_EMAILS_FILE` with no `*` in `OAUTH2_PROXY_EMAIL_DOMAINS`: beside `*` that list is not asked.",
  judged:
    "By the variables and options of oauth2-proxy. Fails where `email-domain` is `*`, the provider is one at which anybody makes an account (Google, which is the default, GitHub, gitlab.com, Facebook, LinkedIn, Bitbucket, DigitalOcean; by its name or by the address of its server), and neither groups nor users, an organisation, a team or a project are named: high, medium where nothing from outside is seen to lead to it. Unknown when one of them cannot be resolved, when no tenant of Microsoft's is named, and when all are in its own file.",
  limits: "What its own configuration file says is not read, and other gatekeepers are not judged.",
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
    return judge(container, settingsOf(container), system);
  },
});

/** One setting of the program, by its name in a file: `email_domains`. */
interface Setting {
  readonly name: string;
  /** Undefined where it is not seen, then with the reason. */
  readonly value: string | undefined;
  readonly why?: string;
  readonly place: Place;
}

interface Settings {
  readonly list: readonly Setting[];
  /** Why there may be more. */
  readonly doubt: string | undefined;
}

function settingsOf(container: Container): Settings {
  const { environment } = container;
  const list: Setting[] = environment.items.flatMap((variable) => {
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

function judge(container: Container, { list, doubt }: Settings, system: System): Judgement {
  const what = "whether the sign-in takes everybody's account";
  const domains = list.filter(({ name }) => domainOption.test(name));
  const everybody = domains.find(({ value }) => value?.split(",").some((domain) => domain.trim() === "*") === true);
  if (everybody === undefined) {
    const unseen = domains.find(({ value }) => value === undefined);
    const why = unseen?.why ?? doubt ?? (domains.length > 0 ? undefined : "its own file says who may come");
    return why === undefined
      ? pass("it names the domains that it takes", domains[0]?.place)
      : cannotTell(what, why, {
          place: unseen?.place ?? container.place,
          severity: domains.length > 0 ? "low" : "info",
        });
  }
  const { place } = everybody;
  const narrow = list.filter(({ name, value }) => narrowing.test(name) && value !== "");
  const named = narrow.find(({ value }) => value !== undefined);
  if (named !== undefined) return pass(`\`${named.name}\` says who may come`, named.place);
  const accounts = accountsOf(list);
  if (accounts.kind === "own") return pass("its provider is one of your own, and says who has an account", place);
  const why = narrow[0]?.why ?? (accounts.kind === "unseen" ? accounts.why : doubt);
  if (why !== undefined || accounts.kind === "unseen")
    return cannotTell(what, why ?? "its provider is not seen", { place, severity: "medium" });
  const workload = system.workloadOf(container);
  const kind = workload === undefined ? "inside" : whoComes(workload, undefined, system).kind;
  return fail(
    `every account of ${accounts.of} passes this sign-in: \`*\` stands for all domains, and nobody is named`,
    {
      place,
      ...(kind === "home" || kind === "inside" ? { severity: "medium" as const } : {}),
    },
  );
}

/** Its server's address says more than the provider's name: `oidc` may be anybody's. */
function accountsOf(list: readonly Setting[]): Accounts {
  const last = (isMeant: (name: string) => boolean) =>
    list.findLast(({ name, value }) => isMeant(name) && value !== "");
  const unseen = ({ why }: Setting): Accounts => ({ kind: "unseen", why: why ?? "its provider is not seen" });
  const server = last((name) => serverOption.test(name));
  if (server !== undefined) return server.value === undefined ? unseen(server) : accountsAt(server.value);
  const provider = last((name) => name === "provider");
  if (provider !== undefined && provider.value === undefined) return unseen(provider);
  const of = provider?.value ?? "google";
  if (publicProviders.has(of)) return { kind: "everybody", of };
  if (of !== "azure") return { kind: "own" };
  const tenant = last((name) => name === "azure_tenant");
  return tenant !== undefined && tenant.value === undefined ? unseen(tenant) : accountsOfTenant(tenant?.value ?? "");
}
