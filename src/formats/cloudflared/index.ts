import type { Named } from "../../facts/configuration/proxy.ts";
import type { ServiceConfiguration } from "../../facts/configuration/service.ts";
import { complete, type FactList, incomplete } from "../../facts/fact.ts";
import { wholeFile } from "../../lib/place.ts";
import { mistakeIn } from "../as-far-as-read.ts";
import type { ConfigFacts, ConfigFormat, ConfigInput } from "../config-format.ts";
import { configurationFile } from "../configuration-file.ts";
import { Fields } from "../fields.ts";
import { leadsOf, routeSubjects } from "../proxy/proxy-route.ts";
import { hasBlocks } from "../template/blank.ts";
import { readYamlFile } from "../yaml-file.ts";
import { type IngressRule, type Origin, originOf, ruleOf } from "./rules.ts";

/**
 * cloudflared: to which services a Cloudflare Tunnel leads visitors from the internet, though nothing is published here.
 *
 * Source: Cloudflare's documentation, "Configuration file" and "Origin parameters" of locally-managed tunnels;
 * cloudflared 2025.8, `config/configuration.go` and `ingress/ingress.go`.
 */
export const cloudflaredFormat: ConfigFormat = {
  name: "cloudflared configuration",
  mayBe: (path) =>
    /\.ya?ml$/i.test(path) && /(?:^|\/)config(?:uration)?\.ya?ml$|cloudflare|tunnel|cfd|ingress/i.test(path),
  recognises: (_path, text) =>
    !/^(?:apiVersion|services):/m.test(text) &&
    ((/^tunnel:/m.test(text) && /^(?:ingress|url|credentials-file):/m.test(text)) ||
      (/^ingress:/m.test(text) && /\bservice:[ \t]*["']?http_status:/.test(text))),
  startsAt: /^(?:\/etc|\/usr\/local\/etc|\/home\/nonroot|\/root)?\/\.?cloudflared\/config\.ya?ml$/,
  leadsOn: true,
  readBy: {
    software: ["cloudflared"],
    named: /cloudflare|tunnel/i,
    places: /^(?:\/etc|\/usr\/local\/etc|\/home\/nonroot|\/root)?\/\.?cloudflared\//,
  },
  readsOthers: () => false,
  read,
};

function read(input: ConfigInput): ConfigFacts {
  const { source, text } = input.file;
  const { tree, problems } = readYamlFile(input.file);
  const place = wholeFile(source);
  const mistake = mistakeIn(problems);
  const unseen = hasBlocks(text) ? "the blocks of its template are not evaluated" : mistake;
  const root = Fields.of(tree, place, "the file", unseen);
  const usual = originOf(root.fields("originRequest"), undefined);
  const rules = rulesOf(root, usual);
  const all = unseen === undefined ? rules : incomplete(rules.items, unseen, place);
  const routes = rules.items.flatMap(({ route }) => route ?? []);
  const configuration: ServiceConfiguration = {
    software: "cloudflared",
    unverifiedUpstreams: unverified(all),
  };
  return {
    subjects: [...routeSubjects(routes, input), configurationFile(input, configuration)],
    problems,
    sources: [],
    leads: () => leadsOf(routes, input),
  };
}

/** The rules; without any, `url` is what every host name leads to. */
function rulesOf(root: Fields, usual: Origin): FactList<IngressRule> {
  if (root.node("ingress") === undefined && root.node("url") !== undefined) {
    return complete([ruleOf(root, usual, "url")], root.place);
  }
  return root.list("ingress", (node) => ({ value: ruleOf(Fields.of(node, node.place, "a rule"), usual, "service") }));
}

function unverified(rules: FactList<IngressRule>): FactList<Named> {
  const found = rules.items.flatMap(({ unverified: server }) => server ?? []);
  const hidden = rules.items.find(({ hidden }) => hidden !== undefined)?.hidden;
  if (!rules.complete) return incomplete(found, rules.why, rules.place);
  return hidden === undefined ? complete(found, rules.place) : incomplete(found, hidden, rules.place);
}
