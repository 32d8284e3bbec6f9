import type { Named } from "../../facts/configuration/proxy.ts";
import type { OpenDoorway, Unverified } from "../../facts/configuration/service.ts";
import { complete, type FactList, incomplete } from "../../facts/fact.ts";
import { isGuessable } from "../../facts/guessable.ts";
import { accountsOf, type SignInSetting, takenBy } from "../../facts/knowledge/oauth2-proxy.ts";
import { wholeFile } from "../../lib/place.ts";
import { asFarAsRead } from "../as-far-as-read.ts";
import type { ConfigFacts, ConfigFormat, ConfigInput } from "../config-format.ts";
import { configurationFile } from "../configuration-file.ts";
import { Fields } from "../fields.ts";
import { isFilledIn } from "../refused.ts";
import { withMarks } from "../template/blank.ts";
import { parseToml } from "../toml/parse.ts";
import { isWideNetwork } from "../wide-network.ts";
import { readYamlFile } from "../yaml-file.ts";
import { fromAlpha } from "./alpha.ts";
import { settingsOf } from "./settings.ts";

/**
 * OAuth2 Proxy: whom its own file lets pass, and to whom it speaks without a look at the certificate. What arguments and
 * variables say goes before the file (`identity.sign-in-selective` lays them together).
 *
 * Source: oauth2-proxy 7.14's manual, "Overview" (the names of options in a file; `skip_auth_routes` is a method, a sign
 * and a regular expression that is looked for anywhere in the path, `skip_auth_regex` the same of the path alone;
 * `trusted_ips` are asked for nothing) and "Alpha Configuration"; `pkg/apis/options/load.go` (the one is TOML, the other YAML,
 * whatever their files are called).
 */
export const oauth2ProxyFormat: ConfigFormat = {
  name: "OAuth2 Proxy configuration",
  mayBe: (path) => /(?:oauth2?[-_]?proxy|\/oauth2)[^/]*(?:\/[^/]+)?\.(?:cfg|conf|toml|ya?ml)$/i.test(path),
  recognises: (_path, text) => isAlpha(text) || (own.test(text) && !/^[ \t]*\[(?!\[)/m.test(text)),
  startsAt: /^\/etc\/oauth2[-_]proxy\.cfg$/,
  readsOthers: () => false,
  read,
};

const own =
  /^[ \t]*(?:email[_-]domains|cookie[_-]secret|cookie[_-]secure|oidc[_-]issuer[_-]url|skip[_-]provider[_-]button|authenticated[_-]emails[_-]file|skip[_-]auth[_-](?:routes|regex))[ \t]*=/m;

/** Which of the two a text is: `providers` with a colon is no TOML. */
function isAlpha(text: string): boolean {
  return /^providers:/m.test(text) && /^(?:upstreamConfig|server|inject(?:Request|Response)Headers):/m.test(text);
}

function read(input: ConfigInput): ConfigFacts {
  if (!isUsed(input)) return { subjects: [], problems: [], sources: [] };
  const { root, problems } = rootOf(input);
  const settings = isAlpha(input.file.text) ? fromAlpha(root) : settingsOf(root);
  return {
    subjects: [
      configurationFile(input, {
        software: "oauth2-proxy",
        settings,
        openDoors: doorsOf(settings, input.owner === undefined),
        unverifiedUpstreams: unverified(settings),
        weakSecrets: weakSecretsOf(settings),
      }),
    ],
    problems,
    sources: [],
  };
}

function rootOf({ file }: ConfigInput): Pick<ConfigFacts, "problems"> & { readonly root: Fields } {
  if (isAlpha(file.text)) return readYamlFile(file);
  const place = wholeFile(file.source);
  const { root, problems } = parseToml(file.source, file.text);
  return { root: Fields.of(asFarAsRead(withMarks(root, file.text), problems, place), place, "the file"), problems };
}

/** It reads no file that an argument or a variable does not name; where they are not all seen, they may. */
function isUsed({ owner, inside, words, unseenWords, environment }: ConfigInput): boolean {
  if (owner === undefined || inside === undefined || words === undefined || unseenWords !== undefined) return true;
  const variables = ["OAUTH2_PROXY_CONFIG", "OAUTH2_PROXY_ALPHA_CONFIG"].map((name) => environment?.(name));
  const isNamed = (fact: (typeof variables)[number]) =>
    fact !== undefined && fact.kind !== "unstated" && (fact.kind === "unknown" || fact.value.reveal().includes(inside));
  return words.some((word) => word.includes(inside)) || variables.some(isNamed);
}

function doorsOf(settings: FactList<SignInSetting>, isAlone: boolean): FactList<OpenDoorway> {
  const items: OpenDoorway[] = [];
  const open = (what: string, { name, place }: SignInSetting, allows: OpenDoorway["allows"]) =>
    items.push({ what, allows, name, elsewhere: true, place });
  for (const setting of settings.items) {
    const { name, value = "" } = setting;
    if (/^skip_auth_(?:routes?|regex)$/.test(name)) {
      const wide = value.split("\n").find(isEveryPath);
      if (wide !== undefined) open(`\`${name}\` lets everybody pass on every path (\`${wide}\`)`, setting, "orders");
    }
    if (/^trusted_ips?$/.test(name)) {
      const wide = value.split("\n").find((network) => isWideNetwork(network.trim()));
      if (wide !== undefined) open(`whoever comes from ${wide} passes without a sign-in`, setting, "orders");
    }
  }
  const everybody = isAlone ? everyAccount(settings) : undefined;
  if (everybody !== undefined) open(everybody.what, everybody.setting, "reading");
  const unverifiedMail = mailUnverified(settings);
  if (unverifiedMail !== undefined)
    open("an address that its provider never verified counts as his who gives it", unverifiedMail, "reading");
  const unseen = settings.items.find(({ name, value }) => doors.test(name) && value === undefined);
  const why = settings.complete ? unseen?.why : settings.why;
  return why === undefined ? complete(items, settings.place) : incomplete(items, why, settings.place);
}

const doors = /^(?:skip_auth_(?:routes?|regex)|trusted_ips?|insecure_oidc_allow_unverified_email)$/;

/** Of a file that a service uses it is told with that, for its variables may name people. */
function everyAccount(settings: FactList<SignInSetting>) {
  const taken = takenBy({ list: settings.items, doubt: settings.complete ? undefined : settings.why });
  if (taken.kind !== "everybody") return undefined;
  const what = `every account of ${taken.of} passes: ${taken.why}, and nobody is named`;
  return { what, setting: { name: "email_domains", value: "*", place: taken.place } };
}

/** It matters where anybody makes an account, and the address decides who comes in. */
function mailUnverified({ items }: FactList<SignInSetting>): SignInSetting | undefined {
  const found = items.find(
    ({ name, value }) => name === "insecure_oidc_allow_unverified_email" && value?.toLowerCase() === "true",
  );
  const byAddress = items.some(
    ({ name, value = "" }) =>
      name === "authenticated_emails_file" || (/^email_domains?$/.test(name) && value !== "" && !/\*/.test(value)),
  );
  return byAddress && accountsOf(items).kind === "everybody" ? found : undefined;
}

/** `GET=^/health$` is one path, `^/`, `.*` and `POST=/` all of them; `!=` stands before those that are asked. */
function isEveryPath(route: string): boolean {
  const [, negated, pattern] = /^(?:[A-Z]*(!)?=)?([\s\S]*)$/.exec(route.trim()) ?? [];
  return negated === undefined && /^\^?(?:\/|\/?\(?\.\*\)?\$?|\/?\(?\.\+\)?\$?|\/\*)$/.test(pattern ?? "");
}

const skipping: readonly (readonly [name: RegExp, what: string])[] = [
  [/^ssl_insecure_skip_verify$/, "the provider of the sign-in"],
  [/^ssl_upstream_insecure_skip_verify$/, "what is behind it"],
  [/^redis_insecure_skip_tls_verify$/, "Redis"],
];

function unverified(settings: FactList<SignInSetting>): FactList<Unverified> {
  let why = settings.complete ? undefined : settings.why;
  const items = settings.items.flatMap(({ name, value, why: unseen, place }) => {
    const what = skipping.find(([pattern]) => pattern.test(name))?.[1];
    if (what === undefined) return [];
    if (value === undefined) why ??= unseen;
    return value?.toLowerCase() === "true" ? [{ name: what, place }] : [];
  });
  return why === undefined ? complete(items, settings.place) : incomplete(items, why, settings.place);
}

/** Whoever knows it signs himself a session. */
function weakSecretsOf(settings: FactList<SignInSetting>): FactList<Named> {
  const secret = settings.items.find(({ name }) => name === "cookie_secret");
  if (!settings.complete) return incomplete([], settings.why, settings.place);
  if (secret === undefined) return complete([], settings.place);
  const { value, why = "it is not seen", place } = secret;
  if (value === undefined) return incomplete([], why, place);
  if (isFilledIn(value)) return incomplete([], "it is filled in before OAuth2 Proxy starts", place);
  return complete(isGuessable(value, ["oauth2", "proxy", "oauth"]) ? [{ name: "cookie_secret", place }] : [], place);
}
