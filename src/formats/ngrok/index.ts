import type { RepositoryFile } from "../../facts/subjects.ts";
import { wholeFile } from "../../lib/place.ts";
import { mistakeIn } from "../as-far-as-read.ts";
import type { ConfigFacts, ConfigFormat, ConfigInput } from "../config-format.ts";
import { configurationFile } from "../configuration-file.ts";
import { Fields } from "../fields.ts";
import { leadsOf, routeSubjects } from "../proxy/proxy-route.ts";
import { secretsPart } from "../secrets-part.ts";
import { hasBlocks } from "../template/blank.ts";
import { readYamlFile } from "../yaml-file.ts";
import { type Endpoint, endpointsOf, tunnelsOf } from "./endpoints.ts";

/**
 * The agent of ngrok: to which services its endpoints lead visitors from the internet, though nothing is published here.
 *
 * Source: ngrok.com/docs, "Agent Config Version 2" and "Agent Config Version 3": `tunnels` by their names, and since
 * version 3 a list of `endpoints`; the agent's own settings are at the top in the one, under `agent` in the other.
 */
export const ngrokFormat: ConfigFormat = {
  name: "ngrok configuration",
  mayBe: (path) => /(?:^|\/)[^/]*ngrok[^/]*\.ya?ml$|(?:^|\/)\.?ngrok2?\/[^/]+\.ya?ml$/i.test(path),
  recognises: (_path, text) =>
    !/^(?:apiVersion|services):/m.test(text) && /^(?:tunnels|endpoints|authtoken|agent):/m.test(text),
  startsAt:
    /^(?:\/etc|\/var\/lib\/ngrok(?:\/\.config\/ngrok)?|\/home\/ngrok(?:\/\.config\/ngrok|\/\.ngrok2)?|\/root\/\.config\/ngrok)\/ngrok\.ya?ml$/,
  leadsOn: true,
  readBy: { software: ["ngrok"], named: /ngrok/i, places: /(?:^\/etc\/ngrok\.ya?ml$|ngrok\/)/ },
  readsOthers: () => false,
  read,
};

function read(input: ConfigInput): ConfigFacts {
  const { source, text } = input.file;
  const { tree, problems } = readYamlFile(input.file);
  const place = wholeFile(source);
  const unseen = hasBlocks(text) ? "the blocks of its template are not evaluated" : mistakeIn(problems);
  const root = Fields.of(tree, place, "the file", unseen);
  const endpoints = [...tunnelsOf(root), ...endpointsOf(root)];
  const routes = endpoints.flatMap(({ route }) => route ?? []);
  return {
    subjects: [
      ...routeSubjects(routes, input),
      configurationFile(input, { software: "ngrok" }),
      ...signIns(input, endpoints),
    ],
    problems,
    sources: [],
    leads: () => leadsOf(routes, input),
  };
}

/** The names and passwords that visitors are asked for, which stand in the file. */
function signIns(input: ConfigInput, endpoints: readonly Endpoint[]): readonly RepositoryFile[] {
  const found = endpoints.flatMap(({ passwords }) => passwords);
  if (found.length === 0) return [];
  const secrets = found.map((place) => ({ what: "a password for visitors", place }));
  return [secretsPart(configurationFile(input, { software: "ngrok" }), "sign-in", secrets, input)];
}
