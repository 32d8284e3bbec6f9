/**
 * What a program signs with must be known to nobody else: with the key of an example anybody signs.
 *
 * Reads:  repository-file.configuration (Authelia's, Grafana's, Synapse's, Zigbee2MQTT's, frps's and OAuth2 Proxy's own secrets)
 * Passes: no secret that the file states for the program itself is a placeholder or a well-known default.
 */
import { defineControl } from "../define.ts";
import { aboutPorts, fail, forbidAny, notApplicable } from "../judge.ts";
import { serviceConfigurationOf, serviceSoftware } from "../knowledge/service-configuration.ts";

/**
 * Keys that are of use only to one who has the program's database, whoever reaches its pages: Grafana's for the passwords of
 * its data sources, Authelia's for its users' second factors.
 */
const forTheDatabase: ReadonlySet<string> = new Set(["secret_key", "storage.encryption_key"]);
/** Of use to one who stands near enough to hear the radio, whoever reaches the program. */
const byRadio: ReadonlySet<string> = new Set(["network_key"]);

export const configuredValueStrong = defineControl({
  id: "secrets.configured-value-strong",
  on: "repository-file",
  software: serviceSoftware,
  severity: "high",
  title: "No configuration file keeps an example's secret",
  claim: "No secret that a configuration file states for its own program is a placeholder or a well-known default.",
  threat:
    "The examples' keys are known to everybody: with Authelia's anybody makes a link that resets a password or reads its database, with Grafana's first password anybody is its administrator, with Synapse's shared secret anybody makes one.",
  remedy:
    "Generate a new value, for example with `openssl rand -hex 32`, and keep it out of the file: `AUTHELIA_SESSION_SECRET_FILE` and its like in Authelia, `GF_SECURITY_ADMIN_PASSWORD__FILE` in Grafana. Authelia's `storage.encryption_key` is changed with `authelia storage encryption change-key`.",
  judged:
    "Fails for Authelia's `jwt_secret`, `session.secret`, `hmac_secret` and, at medium, its `storage.encryption_key`, and for Grafana's `admin_password` and, at medium, its `secret_key`, that are placeholders or made of words for secrets. So are Synapse's `registration_shared_secret`, `macaroon_secret_key` and `form_secret`, `auth.token` and `webServer.password` of frps, and `cookie_secret` of OAuth2 Proxy; medium is Zigbee2MQTT's `network_key` of its documentation, with which whoever stands near reads and orders every device. What is not stated there comes from a variable or a file, and is judged with the service. Unknown when such a value cannot be resolved.",
  limits: "Words are English and a few programs' own. What opens another service is not judged here.",
  frameworks: {
    owaspDocker: ["D06"],
    owaspKubernetes: ["K03"],
    nistCsf: ["PR.AA-01"],
    coverage: ["S8", "S11"],
  },

  check(file) {
    const found = serviceConfigurationOf(file);
    const weak = found?.configuration.weakSecrets;
    if (found === undefined || weak === undefined) return notApplicable("it states no secret of its own");
    return forbidAny(
      weak,
      ({ name, place }) =>
        fail(`\`${name}\` of ${found.program} is a default or a placeholder that anybody would try`, {
          place,
          detail: name,
          ...aboutPorts(found.configuration.ports),
          ...(forTheDatabase.has(name) ? { severity: "medium" as const, settled: true as const } : {}),
          ...(byRadio.has(name) ? { severity: "medium" as const, settled: true as const, remedy: ownKey } : {}),
        }),
      { what: "the list of its own secrets", none: "no secret of its own is a default or a placeholder" },
    );
  },
});

/** A new key is a new network. */
const ownKey =
  "Set `network_key: GENERATE`: at the next start a key of its own is made, and every device is paired again.";
