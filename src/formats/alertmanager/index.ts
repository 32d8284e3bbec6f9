import type { Named } from "../../facts/configuration/proxy.ts";
import type { ServiceConfiguration } from "../../facts/configuration/service.ts";
import {
  complete,
  defaulted,
  type Fact,
  type FactList,
  incomplete,
  knownValue,
  stated,
  unknown,
  unstated,
} from "../../facts/fact.ts";
import type { Place } from "../../lib/place.ts";
import type { ConfigFacts, ConfigFormat, ConfigInput } from "../config-format.ts";
import { configurationFile } from "../configuration-file.ts";
import { asBoolean, asText, Fields } from "../fields.ts";
import { readYamlFile } from "../yaml-file.ts";
import { plainMail } from "./mail.ts";

/**
 * Alertmanager: whether an alert gets to anybody.
 *
 * Source: Alertmanager 0.28 documentation, "Configuration".
 */
export const alertmanagerFormat: ConfigFormat = {
  name: "Alertmanager configuration",
  mayBe: (path) => /\.ya?ml$/i.test(path) && /alert/i.test(path),
  recognises: (_path, text) => /^receivers:/m.test(text) && /^route:/m.test(text),
  read(input: ConfigInput): ConfigFacts {
    const { root, problems } = readYamlFile(input.file);
    const { place } = root;
    const configuration: ServiceConfiguration = {
      software: "alertmanager",
      alertsDelivered: delivered(root),
      unverifiedUpstreams: unverified(root, place),
      plainMail: plainMail(root, place),
    };
    return { subjects: [configurationFile(input, configuration)], problems, sources: [] };
  },
};

interface Receiver {
  readonly name: string;
  /** Whether it has a way to tell anybody. */
  readonly tells: boolean;
  readonly fields: Fields;
  readonly place: Place;
}

function receiversOf(root: Fields): FactList<Receiver> {
  return root.list("receivers", (node) => {
    const fields = Fields.of(node, node.place, "a receiver");
    const named = fields.fact("name", asText, "a text", unstated);
    const tells = fields.entries.some(
      ({ key, value }) => key.endsWith("_configs") && value.kind === "sequence" && value.items.length > 0,
    );
    return named.kind === "unknown"
      ? { why: named.why }
      : { value: { name: knownValue(named) ?? "", tells, fields, place: node.place } };
  });
}

/** The receiver of the root route gets whatever no other route takes. Some route at least must tell somebody. */
function delivered(root: Fields): Fact<boolean> {
  const receivers = receiversOf(root);
  const route = root.fields("route");
  const name = route.fact("receiver", asText, "a text", unstated);
  if (name.kind === "unknown") return name;
  if (!receivers.complete) return unknown(receivers.why, receivers.place);
  const receiver = receivers.items.find((each) => each.name === knownValue(name));
  if (receiver === undefined) return stated(false, name.place);
  if (receiver.tells) return stated(true, receiver.place);
  const below = route.node("routes");
  const others = below?.kind === "sequence" && below.items.length > 0 && receivers.items.some(({ tells }) => tells);
  // A root that drops what no route asks for is a choice; one that drops all is a mistake.
  return others ? stated(true, receiver.place) : stated(false, receiver.place);
}

function unverified(root: Fields, place: Place): FactList<Named> {
  const receivers = receiversOf(root);
  const items: Named[] = [];
  let why = receivers.complete ? undefined : receivers.why;
  for (const { name, fields } of receivers.items) {
    for (const { key, value } of fields.entries) {
      if (!key.endsWith("_configs") || value.kind !== "sequence") continue;
      for (const node of value.items) {
        const settings = Fields.of(node, node.place, key);
        for (const holder of [settings.fields("tls_config"), settings.fields("http_config").fields("tls_config")]) {
          const skips = holder.fact("insecure_skip_verify", asBoolean, "true or false", (at) =>
            defaulted(false, "platform", at),
          );
          if (skips.kind === "unknown") why ??= skips.why;
          if (knownValue(skips) === true) items.push({ name: `the receiver ${name}`, place: skips.place });
        }
      }
    }
  }
  return why === undefined ? complete(items, place) : incomplete(items, why, place);
}
