import { wholeFile } from "../../lib/place.ts";
import type { ConfigFacts, ConfigFormat, ConfigInput } from "../config-format.ts";
import { configurationFile } from "../configuration-file.ts";
import { parseJson } from "../json/parse.ts";
import { type Environment, environmentOf } from "../proxy/environment.ts";
import { leadsOf, routeSubjects } from "../proxy/proxy-route.ts";
import { servedSecrets } from "../proxy/served-secrets.ts";
import { caddyRoutes } from "./facts.ts";
import type { CaddyConfig } from "./model.ts";
import type { TextReader } from "./nodes.ts";
import { readCaddyJson } from "./read-config.ts";
import { caddySettings } from "./settings.ts";

/** Source: the Dockerfile of Caddy's official image 2.10. */
export const readByCaddy = {
  software: ["caddy"],
  named: /caddy|frankenphp/i,
  places: /^\/(?:usr\/local\/)?etc\/(?:caddy|frankenphp)\//,
};

/** Caddy's own JSON, as `caddy adapt` prints it and `caddy run --config caddy.json` reads it. */
export const caddyJsonFormat: ConfigFormat = {
  name: "Caddy JSON",
  mayBe: (path) => /caddy[^/]*\.json$|(?:^|\/)caddy\/[^/]*\.json$/i.test(path),
  recognises: (_path, text) => /^\s*\{/.test(text) && text.includes('"apps"') && /"servers"\s*:/.test(text),
  leadsOn: true,
  readBy: readByCaddy,
  readsOthers: () => false,
  read,
};

function read(input: ConfigInput): ConfigFacts {
  const { root, problems } = parseJson(input.file.source, input.file.text);
  if (root === undefined) return { subjects: [], problems, sources: [] };
  const environment = environmentOf(input.environment);
  const facts = caddyFacts(readCaddyJson(root, textReader(environment)), environment, input);
  return { ...facts, problems: [...problems, ...facts.problems] };
}

/** The facts of a configuration, from whichever text it was made. */
export function caddyFacts(config: CaddyConfig, environment: Environment, input: ConfigInput): ConfigFacts {
  const { routes, folders, tooMany } = caddyRoutes(config);
  const served = folders.flatMap(({ root, hidden, ports, place }) =>
    servedSecrets(root, { ports, place }, input).filter(({ name }) => !hidden.some((each) => hides(each, name))),
  );
  const message = "This configuration has more ways through its routes than are looked at; some routes are missing.";
  return {
    subjects: [...routeSubjects(routes, input), configurationFile(input, caddySettings(config, environment, served))],
    problems: tooMany ? [{ severity: "warning", message, place: wholeFile(input.file.source) }] : [],
    sources: [],
    leads: () => leadsOf(routes, input),
  };
}

/** Whether a name that a file server hides (`.git`, `*.env`, `.*`) is part of a path. */
function hides(pattern: string, path: string): boolean {
  const parts = path.split("/");
  if (pattern.startsWith("*")) return parts.some((part) => part.endsWith(pattern.slice(1)));
  if (pattern.endsWith("*")) return parts.some((part) => part.startsWith(pattern.slice(0, -1)));
  return parts.includes(pattern) || path.endsWith(`/${pattern}`);
}

/** `{env.NAME}` is filled in where the environment is known; placeholders of requests stay. */
export function textReader(environment: Environment): TextReader {
  return (text) => {
    if (!text.includes("{env.")) return { text };
    let unresolved: string | undefined;
    const filled = text.replace(/\{env\.([^{}\s]{1,200})\}/g, (written, name: string) => {
      const value = environment(name);
      if (value === "unset") return "";
      if ("text" in value) return value.text;
      unresolved ??= value.why;
      return written;
    });
    return unresolved === undefined ? { text: filled } : { text: filled, unresolved };
  };
}
