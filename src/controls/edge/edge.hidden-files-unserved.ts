/**
 * The folder that is mounted for a site often holds more than the site.
 *
 * Reads:  repository-file.configuration (files that a site serves, of Caddy, nginx)
 * Passes: no `.env`, `.git` or their like lies where visitors can ask for it.
 */
import { defineControl } from "../define.ts";
import { aboutPorts, fail, forbidAny, notApplicable } from "../judge.ts";
import { proxyConfigurationOf, proxySoftware } from "../knowledge/proxy-configuration.ts";

export const hiddenFilesUnserved = defineControl({
  id: "edge.hidden-files-unserved",
  on: "repository-file",
  software: proxySoftware,
  severity: "high",
  title: "Sites do not hand out .env and .git",
  claim: "No proxy serves a folder that holds secrets or the repository itself to visitors.",
  threat:
    "Scanners ask every site for `/.env` and `/.git/config`: the passwords of the database, or all of the source.",
  remedy:
    "Serve the folder that holds the site alone (`root /var/www/html/public`), and keep off names with a dot: nginx `location ~ /\\. { deny all; }`, Caddy `file_server { hide .* }`.",
  judged:
    "Fails when the folder that a site serves is one of the repository, and `.env`, `.git/config`, `.htpasswd` or their like lies in it, unless the proxy keeps such names off.",
  limits: "Folders that are not in the repository, and those that an image brings, are not seen.",
  frameworks: { owaspDocker: ["D06"], nistCsf: ["PR.DS-01"], coverage: ["S1"] },

  check(file) {
    const proxy = proxyConfigurationOf(file);
    if (proxy === undefined) return notApplicable("it is no proxy's configuration");
    return forbidAny(
      proxy.configuration.servedSecrets,
      ({ name, ports, place }) =>
        fail(`${proxy.program} serves the folder that ${name} lies in`, { place, detail: name, ...aboutPorts(ports) }),
      { what: "the list of folders that are served", none: "no folder with such a file is served" },
    );
  },
});
