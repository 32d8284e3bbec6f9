import type { Named } from "../../facts/configuration/proxy.ts";
import type { OpenDoorway } from "../../facts/configuration/service.ts";
import {
  complete,
  defaulted,
  type Fact,
  type FactList,
  incomplete,
  knownValue,
  mapFact,
  unknown,
  unstated,
} from "../../facts/fact.ts";
import { isGuessable } from "../../facts/guessable.ts";
import type { ConfigFacts, ConfigFormat, ConfigInput } from "../config-format.ts";
import { configurationFile } from "../configuration-file.ts";
import { asInteger, asText, Fields, type ScalarParser, textItem } from "../fields.ts";
import { portsIn, unlessMoved } from "../own-ports.ts";
import { isFilledIn } from "../refused.ts";
import { readYamlFile } from "../yaml-file.ts";

/**
 * Synapse, the server of Matrix: whether strangers make accounts, and whether its own secrets are its own.
 *
 * Source: element-hq/synapse, `synapse/config/registration.py` (`enable_registration` is false, `disable_registration` goes
 * before it; what has to be shown: `registrations_require_3pid`, `registration_requires_token`), `synapse/config/captcha.py`
 * (`enable_registration_captcha`), `synapse/config/server.py` (accounts are made and administered by the resource `client` of
 * `listeners`, of which there are none unless they are written) and "Configuration Manual" (without any of them it starts only with
 * `enable_registration_without_verification`).
 */
export const synapseFormat: ConfigFormat = {
  name: "Synapse configuration",
  mayBe: (path) => /\.ya?ml$/i.test(path) && /homeserver|synapse/i.test(path),
  recognises: (_path, text) =>
    /^["']?server_name["']?:/m.test(text) &&
    /^(?:listeners|signing_key_path|media_store_path|report_stats|enable_registration|registration_shared_secret|macaroon_secret_key):/m.test(
      text,
    ),
  startsAt: /^\/data\/homeserver\.yaml$/,
  readsOthers: () => false,
  read,
};

function read(input: ConfigInput): ConfigFacts {
  const { root, problems } = readYamlFile(input.file);
  return {
    subjects: [
      configurationFile(input, {
        software: "synapse",
        openDoors: doorsOf(root),
        weakSecrets: weakSecretsOf(root),
        // A worker has listeners of its own, in a file of its own.
        ports: unlessMoved(portsOf(root), input, /\bworker/i),
      }),
    ],
    problems,
    sources: [],
  };
}

function portsOf(root: Fields): Fact<readonly number[]> {
  const open = ["bind_port", "no_tls"].find((name) => root.node(name) !== undefined);
  if (open !== undefined) return unknown(`\`${open}\` decides it, as in old releases`, root.keyPlace(open));
  const listeners = root.list("listeners", (node) => ({ value: Fields.of(node, node.place, "a listener") }));
  if (!listeners.complete) return unknown(listeners.why, listeners.place);
  const names = textItem((value) => ({ value }));
  const serving = listeners.items.flatMap((listener) => {
    const resources = listener.list("resources", (node) => ({
      value: Fields.of(node, node.place, "a resource").list("names", names),
    }));
    const mayServe = resources.items.some((each) => !each.complete || each.items.includes("client"));
    return mayServe || !resources.complete ? [listener.fact("port", asInteger, "a number", unstated)] : [];
  });
  return portsIn(...serving);
}

/** `strtobool`, and Python's own booleans. */
const asSwitch: ScalarParser<boolean> = ({ value }) => {
  const text = String(value ?? "").toLowerCase();
  if (/^(?:y|yes|t|true|on|1)$/.test(text)) return true;
  return /^(?:n|no|f|false|off|0)$/.test(text) ? false : undefined;
};

function doorsOf(root: Fields): FactList<OpenDoorway> {
  const flag = (name: string) =>
    root.fact(name, asSwitch, "true or false", (place) => defaulted(false, "program", place));
  const disabled = root.fact("disable_registration", asSwitch, "true or false", unstated);
  const enabled = flag("enable_registration");
  const unverified = flag("enable_registration_without_verification");
  const shown = [flag("registration_requires_token"), flag("enable_registration_captcha")];
  const ids = root.list(
    "registrations_require_3pid",
    textItem((value) => ({ value })),
  );
  // Said in the old way, it is so whatever the new one says.
  const open = disabled.kind === "unstated" ? enabled : mapFact(disabled, (off) => !off);
  const closed = [open, unverified].some((fact) => knownValue(fact) === false);
  if (closed || shown.some((fact) => knownValue(fact) === true) || ids.items.length > 0)
    return complete([], open.place);
  const hidden = [open, unverified, ...shown].find(({ kind }) => kind === "unknown");
  if (hidden?.kind === "unknown") return incomplete([], hidden.why, hidden.place);
  if (!ids.complete) return incomplete([], ids.why, ids.place);
  const what = "whoever comes makes an account, and shows nothing for it: such servers are found and send spam";
  return complete([{ what, allows: "reading", name: "registration", place: open.place }], root.place);
}

/** What it signs with, and what makes an administrator of whoever has it. */
const ownSecrets = ["registration_shared_secret", "macaroon_secret_key", "form_secret"] as const;

function weakSecretsOf(root: Fields): FactList<Named> {
  const items: Named[] = [];
  let why: string | undefined;
  for (const name of ownSecrets) {
    const secret = root.fact(name, asText, "a text", unstated);
    if (secret.kind === "unknown") why ??= secret.why;
    const text = knownValue(secret) ?? "";
    if (isFilledIn(text)) why ??= "it is filled in before Synapse starts";
    else if (isGuessable(text, ["synapse", "matrix"])) items.push({ name, place: secret.place });
  }
  return why === undefined ? complete(items, root.place) : incomplete(items, why, root.place);
}
