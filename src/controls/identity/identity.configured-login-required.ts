/**
 * A door that a configuration file leaves open is as open as one without a lock, and harder to see.
 *
 * Reads:  repository-file.configuration (Grafana, Mosquitto, Loki, Authelia, Vault, gluetun, frpc, Argo CD, frps, Home Assistant, Zigbee2MQTT, Synapse, qBittorrent, Gitea, Node-RED, OAuth2 Proxy), route.authentication (of its workload)
 * Passes: the file lets nobody in who was asked for no name.
 */

import type { Severity } from "../../contracts/verdict.ts";
import type { OpenDoorway, ServiceConfiguration } from "../../facts/configuration/service.ts";
import type { RepositoryFile } from "../../facts/subjects.ts";
import type { System } from "../../facts/system.ts";
import { defineControl } from "../define.ts";
import { valueAt, wordAt } from "../fix.ts";
import { aboutPorts, fail, forbidAny, notApplicable } from "../judge.ts";
import { runsOneProgram } from "../knowledge/one-program.ts";
import { serviceConfigurationOf, serviceSoftware } from "../knowledge/service-configuration.ts";
import { guardBefore } from "../knowledge/sign-in.ts";

export const configuredLoginRequired = defineControl({
  id: "identity.configured-login-required",
  on: "repository-file",
  software: serviceSoftware,
  severity: "medium",
  title: "Configuration files switch no login off",
  claim: "No configuration file lets anybody in who was asked for no name.",
  threat: "Whoever reaches the port is in: reads what is there, or changes it.",
  remedy: "Switch the login on in the file, or let a proxy that asks who comes be the only way to the program.",
  judged:
    "Fails for Grafana's anonymous visitors, open sign-up and a proxy login that believes anybody, for Mosquitto's anonymous clients on a listener beyond the loopback, for Authelia's `bypass` as the default or for a whole domain, for Loki without `auth_enabled`, for roles of gluetun's control server that ask for nothing, for frpc's own page (`webServer`) beyond the loopback without a name and a password, and for Argo CD without a sign-in (`server.disable.auth`), or with a default role (`policy.default`) for anonymous visitors or for everybody who has an account of GitHub, Google and the like. Fails as well for frps without a token or with its page open, for Home Assistant's `trusted_networks` that take in the internet or that anybody may claim to come from, for Zigbee2MQTT's pages without `auth_token`, for Node-RED's `settings.js` without `adminAuth`, or with permissions there for whoever has not signed in (`default`), for Synapse's registration without verification, for Gitea's and Forgejo's registration (`DISABLE_REGISTRATION = false`) and set-up page, and for qBittorrent's list of networks that are asked for no password where it takes in the internet, and, low, for its loopback that is asked for none; for OAuth2 Proxy's `skip_auth_routes` that are every path, `trusted_ips` that take in the internet, an address that a public provider did not verify, and, of a file that no service is seen to use, every account of such a provider. High where whoever comes in may change something, medium for Zigbee2MQTT, which most keep at home, and for accounts in Gitea and Grafana that strangers make; Loki, which most run behind their own networks, and figures alone (Vault's metrics without a token) are low; so is what only routes lead to that demand a sign-in. Unknown when such a setting cannot be resolved.",
  limits: "What Authelia's rules mean for a single route is judged with that route.",
  frameworks: {
    owaspDocker: ["D04"],
    owaspKubernetes: ["K09"],
    nistCsf: ["PR.AA-03"],
    zeroTrust: ["6"],
    coverage: ["A3", "A4", "A8"],
  },

  folds: [{ control: "network.plaintext-unpublished" }, { control: "identity.broker-rights-separate" }],
  fix: {
    changesBehaviour:
      "Whoever gives no name stays outside: clients and visitors that have no account yet need one first.",
    onlyNamed: true,
    edits(file, _system, judgement) {
      switch (serviceConfigurationOf(file)?.configuration.software) {
        case "mosquitto":
          return valueAt(judgement.place, /allow_anonymous[ \t]+(true|1)\b/, "false");
        case "grafana":
          // A proxy that signs people in is another matter: without it they have no account.
          return judgement.detail === "proxy" ? undefined : wordAt(judgement, "true|1|yes|on", "false");
        case "authelia":
          return wordAt(judgement, "bypass", "one_factor");
        case "vault":
          return wordAt(judgement, "true", "false");
        default:
          return undefined;
      }
    },
  },

  check(file, system) {
    const found = serviceConfigurationOf(file);
    const doors = found?.configuration.openDoors;
    if (found === undefined || doors === undefined) return notApplicable("it decides no login");
    return forbidAny(
      doors,
      (door) => {
        const { what, allows, name, place, elsewhere } = door;
        const about = aboutPorts(door.ports ?? found.configuration.ports);
        const guarded = isGuarded(file, about.ports, system);
        return fail(`in ${found.program} ${what}${guarded ? ", behind a sign-in of the proxy" : ""}`, {
          place,
          detail: name,
          ...mendingOf(found.configuration.software, name),
          severity: guarded ? "low" : severityOf(found.configuration.software, allows, name),
          ...about,
          ...(elsewhere && { settled: elsewhere }),
          ...(isAccountOfOnesOwn(found.configuration.software, name) && isReached(file, about.ports, system)
            ? { severity: guarded ? ("low" as const) : ("medium" as const), settled: true as const }
            : {}),
        });
      },
      { what: "the list of ways in", none: `${found.program} asks everybody who they are` },
    );
  },
});

/** An account that whoever comes makes is as grave as where a variable lets him (`identity.registration-closed`). */
function isAccountOfOnesOwn(software: ServiceConfiguration["software"], door: string): boolean {
  return (software === "gitea" && door === "registration") || (software === "grafana" && door === "sign-up");
}

function isReached(file: RepositoryFile, ports: readonly number[] | undefined, system: System): boolean {
  const workload = system.workloadOf(file);
  if (workload === undefined) return false;
  return ["published", "proxied"].includes(system.reach.exposure(workload, ports).exposure);
}

/** What closes the door, in the words of the program's own file; each program's is told by itself. */
function mendingOf(
  software: ServiceConfiguration["software"],
  door: string,
): { readonly remedy?: string; readonly apart: string } {
  const remedy = remedies[`${software} ${door}`] ?? remedies[software];
  return { apart: `${software} ${door}`, ...(remedy === undefined ? {} : { remedy }) };
}

/** By program, and by door where one program has several. */
const remedies: Readonly<Record<string, string>> = {
  "grafana anonymous": "Set `enabled = false` under `[auth.anonymous]`, and give those who look accounts.",
  "grafana sign-up": "Set `allow_sign_up = false` under `[users]`, and invite people.",
  "grafana proxy":
    "Name the proxy's addresses in `whitelist` under `[auth.proxy]`, and let nobody else reach the port.",
  "argo-cd sign-in":
    "Remove `server.disable.auth` and `--disable-auth`; a proxy before it that asks does not keep away who reaches the Service.",
  "argo-cd anonymous":
    'Set `users.anonymous.enabled: "false"` in `argocd-cm`, or take `policy.default` in `argocd-rbac-cm` back to `""`: it is what anonymous visitors may do.',
  "argo-cd":
    'Name whom the connector lets in (`orgs` of GitHub, `hostedDomains` of Google, `groups`), and set `policy.default: ""` in `argocd-rbac-cm`.',
  gluetun: 'Give the role `auth = "apikey"` and a key of its own, or take the routes out that nobody needs.',
  frpc: "Set `webServer.user` and `webServer.password`, or take `webServer.addr` back to 127.0.0.1; without `webServer.port` there is no page.",
  "frps webServer": "Set `webServer.user` and `webServer.password`, or `webServer.addr` to 127.0.0.1.",
  frps: "Set `auth.token` to a value that you generate, and give it to each client; `allowedClientIPs` and `allowPorts` narrow it further.",
  "home-assistant":
    "Name the addresses at home alone under `trusted_networks`, and under `http.trusted_proxies` the proxy's own address alone.",
  zigbee2mqtt:
    "Set `auth_token` under `frontend` to a value that you generate, or `'!secret.yaml auth_token'`; or let a proxy that asks be the only way to it.",
  "gitea install":
    "Go through the set-up page before anybody else reaches it, or set `INSTALL_LOCK = true` and make the first account by `gitea admin user create`.",
  gitea: "Set `DISABLE_REGISTRATION = true` under `[service]`, and make accounts on the admin page.",
  "node-red default":
    'Take `default` out of `adminAuth`: then whoever has not signed in gets nothing. Who is to look gets a user with `permissions: "read"`.',
  "node-red":
    "Give `adminAuth` users with passwords that `node-red admin hash-pw` makes, or let a proxy that asks be the only way to it.",
  "oauth2-proxy email_domains":
    "Name who may come: `github_users`, `github_org`, `allowed_groups`, or addresses in `authenticated_emails_file` with neither `*` nor a domain of public mail in `email_domains`, beside which that list keeps nobody out.",
  "oauth2-proxy insecure_oidc_allow_unverified_email":
    "Remove `insecure_oidc_allow_unverified_email`: whoever makes an account may give any address.",
  "oauth2-proxy":
    "Name the paths that everybody may see, from `^` to `$`, and in `trusted_ips` your own addresses alone.",
  synapse:
    "Set `enable_registration: false` and make accounts with `register_new_matrix_user`; or `registration_requires_token: true`, and invite people by tokens.",
  qbittorrent:
    "Take the network out of `WebUI\\AuthSubnetWhitelist`, or set `WebUI\\AuthSubnetWhitelistEnabled=false`.",
  "qbittorrent loopback":
    "Set `WebUI\\LocalHostAuth=true`, and give what has to come in by itself the name and the password.",
  mosquitto:
    "Set `allow_anonymous false` and a `password_file` (`mosquitto_passwd` writes it); what connects then gives its name.",
  "authelia default_policy": "Set `default_policy: deny`, and write a rule for each name that may be opened.",
  authelia:
    "Let the rule ask, `policy: one_factor` or `two_factor`; for what must be open name the host and the paths.",
  loki: "Loki has no login of its own: let a proxy that asks be the only way to it, and publish no port. `auth_enabled: true` only tells tenants apart.",
  vault: "Remove the switch from the listener; whoever collects figures gives a token.",
};

/** Whether all that leads there from outside are routes, and every one of them demands a sign-in. */
function isGuarded(file: RepositoryFile, ports: readonly number[] | undefined, system: System): boolean {
  const workload = system.workloadOf(file);
  if (workload === undefined) return false;
  // What answers on another port of it may lead there too.
  const asked = runsOneProgram(workload, system) ? ports : undefined;
  if (system.reach.exposure(workload, asked).exposure !== "proxied") return false;
  return guardBefore(workload, system, asked) !== "none";
}

function severityOf(software: ServiceConfiguration["software"], allows: OpenDoorway["allows"], door: string): Severity {
  if (door === "loopback") return "low";
  if (software === "loki" || allows === "figures") return "low";
  if (software === "zigbee2mqtt") return "medium";
  return allows === "orders" ? "high" : "medium";
}
