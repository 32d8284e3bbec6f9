import type { Named } from "../../facts/configuration/proxy.ts";
import type { ServiceConfiguration } from "../../facts/configuration/service.ts";
import { complete, type FactList, incomplete, knownValue } from "../../facts/fact.ts";
import type { InputProblem } from "../../facts/system.ts";
import type { ConfigInput } from "../config-format.ts";
import { asBoolean, asText, Fields } from "../fields.ts";
import { readYamlFile } from "../yaml-file.ts";
import { wrongValues } from "./wrong-values.ts";

/**
 * Datasources that Grafana is provisioned with.
 *
 * Source: Grafana 12.0 documentation, "Provision Grafana" (`datasources[].jsonData.tlsSkipVerify`).
 */
export function readDatasources({ file }: ConfigInput): {
  readonly configuration: ServiceConfiguration;
  readonly problems: readonly InputProblem[];
} {
  const { root, tree, problems } = readYamlFile(file, "1.2");
  const list = root.list("datasources", (node) => ({ value: Fields.of(node, node.place, "a datasource") }));
  return {
    configuration: { software: "grafana", unverifiedUpstreams: unverified(list) },
    problems: [...problems, ...wrongValues(tree)],
  };
}

function unverified(list: FactList<Fields>): FactList<Named> {
  const items: Named[] = [];
  let why = list.complete ? undefined : list.why;
  for (const datasource of list.items) {
    const skips = datasource.fields("jsonData").fact("tlsSkipVerify", asBoolean, "true or false", (place) => ({
      kind: "defaulted",
      value: false,
      by: "platform",
      place,
    }));
    if (skips.kind === "unknown") why ??= skips.why;
    const name = knownValue(datasource.fact("name", asText, "a text", (place) => ({ kind: "unstated", place })));
    if (knownValue(skips) === true)
      items.push({ name: `the datasource ${name ?? "without a name"}`, place: skips.place });
  }
  return why === undefined ? complete(items, list.place) : incomplete(items, why, list.place);
}
