import { placeAt } from "../../lib/place.ts";
import { caddyFacts } from "../caddy-json/caddy-json-format.ts";
import type { ConfigFacts, ConfigFormat, ConfigInput } from "../config-format.ts";
import { environmentOf } from "../proxy/environment.ts";
import { adaptCaddyfile } from "./adapt.ts";
import { parseCaddyfile } from "./parse.ts";

/** A Caddyfile, with the snippets and files that it imports. */
export const caddyfileFormat: ConfigFormat = {
  name: "Caddyfile",
  mayBe: (path) => /(?:^|\/)(?:[^/]*\.)?caddyfile(?:[.-][^/]*)?$|\.caddy$/i.test(path),
  recognises: (_path, text) => !/^\s*\{\s*"/.test(text),
  startsAt: /^\/etc\/caddy\/Caddyfile$/,
  leadsOn: true,
  read,
};

function read(input: ConfigInput): ConfigFacts {
  const environment = environmentOf(input.environment);
  const { tree, problems, sources } = parseCaddyfile(input, environment);
  const adapted = adaptCaddyfile(tree, placeAt(input.file.source, 0));
  const facts = caddyFacts(adapted.config, environment, input);
  return {
    ...facts,
    problems: [...problems, ...adapted.problems, ...facts.problems],
    sources,
  };
}
