import type { ConfigFacts, ConfigFormat, ConfigInput } from "../config-format.ts";
import { configurationFile } from "../configuration-file.ts";
import { readDatasources } from "./datasources.ts";
import { readGrafanaSettings } from "./settings.ts";

/** Grafana's own configuration: `grafana.ini`, `custom.ini`. */
export const grafanaFormat: ConfigFormat = {
  name: "Grafana configuration",
  mayBe: (path) => /(?:^|\/)(?:grafana|custom)[\w.-]*\.ini$/i.test(path) || /grafana[^/]*\/[^/]+\.ini$/i.test(path),
  recognises: (_path, text) =>
    /^[^\S\r\n]*\[(?:server|security|auth|auth\.[\w.]+|users|paths|database|smtp)\]/m.test(text),
  read: (input): ConfigFacts => ({
    subjects: [configurationFile(input, readGrafanaSettings(input))],
    problems: [],
    sources: [],
  }),
};

/** The datasources that Grafana is provisioned with. */
export const grafanaDatasourcesFormat: ConfigFormat = {
  name: "Grafana datasources",
  mayBe: (path) => /\.ya?ml$/i.test(path) && /datasource|grafana|provisioning/i.test(path),
  recognises: (_path, text) => /^datasources:/m.test(text) && /^\s+-?\s*type:/m.test(text),
  read(input: ConfigInput): ConfigFacts {
    const { configuration, problems } = readDatasources(input);
    return { subjects: [configurationFile(input, configuration)], problems, sources: [] };
  },
};
