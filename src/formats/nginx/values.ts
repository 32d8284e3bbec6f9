/**
 * Values of the directives that facts are made of, as nginx takes them: flags, words of a list and sets of words, in
 * letters of any case. With another value nginx does not start.
 *
 * Source: `ngx_conf_set_flag_slot`, `ngx_conf_set_enum_slot` and `ngx_conf_set_bitmask_slot` of nginx 1.29 (all compare
 * with `ngx_strcasecmp`), and each module's table.
 */
import type { InputProblem } from "../../facts/system.ts";
import { listed } from "../../lib/listed.ts";
import type { Directive, Word } from "./parse.ts";

const flag = ["on", "off"];

const values: Readonly<Record<string, readonly string[]>> = {
  autoindex: flag,
  ssl: flag,
  proxy_ssl_verify: flag,
  grpc_ssl_verify: flag,
  uwsgi_ssl_verify: flag,
  server_tokens: [...flag, "build"],
  ssl_verify_client: [...flag, "optional", "optional_no_ca"],
  satisfy: ["all", "any"],
  ssl_protocols: ["SSLv2", "SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"],
};

/** The directive with its values as nginx writes them itself; one that it does not take is not known, and is told. */
export function checkedValues<T extends Pick<Directive, "name" | "args">>(directive: T, problems: InputProblem[]): T {
  const taken = Object.hasOwn(values, directive.name) ? values[directive.name] : undefined;
  if (taken === undefined) return directive;
  const args = directive.args.map((word): Word => {
    if (word.unresolved !== undefined || word.text.includes("$")) return word;
    const known = taken.find((value) => value.toLowerCase() === word.text.toLowerCase());
    if (known !== undefined) return known === word.text ? word : { ...word, text: known };
    const choice = listed(taken.map((value) => `\`${value}\``));
    const why = `\`${directive.name}\` takes one of ${choice}, and not \`${word.text.slice(0, 60)}\``;
    problems.push({ severity: "error", message: `nginx does not start with this file: ${why}.`, place: word.place });
    return { ...word, unresolved: why };
  });
  return { ...directive, args };
}
