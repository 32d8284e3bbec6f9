import { placeAt, wholeFile } from "../../lib/place.ts";
import { caddyFacts, readByCaddy } from "../caddy-json/caddy-json-format.ts";
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
  readBy: readByCaddy,
  readsOthers,
  read,
};

/** Whether anything but snippets of this very text is imported. */
function readsOthers(text: string): boolean {
  const imported = [...text.matchAll(/\bimport[ \t]+(\S+)/g)].map(([, name = ""]) => name);
  if (imported.length === 0) return false;
  const snippets = new Set([...text.matchAll(/^[ \t]*\(([^)\s]*)\)[ \t]+\{/gm)].map(([, name]) => name));
  return imported.some((name) => !snippets.has(name));
}

const templateName = /\.(?:j2|jinja2?|tmpl|gotmpl|tpl|erb)$/i;
/** What begins a line in no Caddyfile; under a template's name also what a text in quotes may hold. */
const foreignLine = /^[ \t]*(?:\{%|<%|\{\{)/m;
const foreignMark = /\{\{|\{%|<%/;

function read(input: ConfigInput): ConfigFacts {
  const foreign = (templateName.test(input.path) ? foreignMark : foreignLine).exec(input.file.text);
  if (foreign !== null) {
    const message = "This is a template of another program; what it becomes is not seen here, and it is not read.";
    const place = placeAt(input.file.source, foreign.index);
    return { subjects: [], problems: [{ severity: "warning", message, place }], sources: [] };
  }
  const environment = environmentOf(input.environment);
  const { tree, problems, sources } = parseCaddyfile(input, environment);
  const adapted = adaptCaddyfile(tree, wholeFile(input.file.source));
  const facts = caddyFacts(adapted.config, environment, input);
  return {
    ...facts,
    problems: [...problems, ...adapted.problems, ...facts.problems],
    sources,
  };
}
