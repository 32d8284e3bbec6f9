/**
 * A slash that is missing lets a request climb out of the folder that it was given.
 *
 * Reads:  repository-file.configuration (climbable aliases of nginx)
 * Passes: every `alias` that ends in a slash stands in a location that does.
 */

import { describePlace } from "../../lib/place.ts";
import { defineControl } from "../define.ts";
import { valueAt } from "../fix.ts";
import { aboutPorts, fail, forbidAny, notApplicable } from "../judge.ts";
import { proxyConfigurationOf } from "../knowledge/proxy-configuration.ts";

export const aliasContained = defineControl({
  id: "edge.alias-contained",
  on: "repository-file",
  software: ["nginx"],
  severity: "high",
  title: "Nobody climbs out of a folder that nginx serves",
  claim: "No `alias` lets a request read files beside the folder that it names.",
  threat: "`/files../app.env` is read as the file beside the folder: source code, configuration, keys.",
  remedy: "End the location with a slash as the alias does: `location /files/ { alias /srv/files/; }`.",
  judged:
    "Fails for a prefix location without a slash at its end whose `alias` has one, as nginx then takes what follows the location for a path below the alias.",
  frameworks: { owaspDocker: ["D04"], nistCsf: ["PR.DS-01"], coverage: ["H1"] },
  fix: {
    changesBehaviour: "The path without a slash at its end (`/files`) is no longer answered from the folder.",
    edits(file, _system, { detail, place }) {
      const proxy = proxyConfigurationOf(file);
      if (proxy?.configuration.software !== "nginx" || detail === undefined || !/^[\w/.~-]+$/.test(detail))
        return undefined;
      const { items } = proxy.configuration.climbableAliases;
      const alias = items.find((each) => each.name === detail && each.place === place);
      if (alias === undefined) return undefined;
      // A file that several servers include makes a location in each of them.
      const made = items.filter(({ location }) => describePlace(location) === describePlace(alias.location));
      if (!made.every(({ hasRoomForSlash }) => hasRoomForSlash)) return undefined;
      const written = detail.replaceAll(".", "\\.");
      return valueAt(
        alias.location,
        new RegExp(`location[ \\t]+(?:\\^~[ \\t]+)?(${written})(?=[ \\t{]|$)`),
        `${detail}/`,
      );
    },
  },

  check(file) {
    const proxy = proxyConfigurationOf(file);
    if (proxy?.configuration.software !== "nginx") return notApplicable("it is not nginx's configuration");
    return forbidAny(
      proxy.configuration.climbableAliases,
      ({ name, ports, place }) =>
        fail(`\`${name}../\` leads to the files beside the folder that \`location ${name}\` serves`, {
          place,
          detail: name,
          ...aboutPorts(ports),
          remedy: `Write \`location ${name}/\`, with a slash as at the end of its \`alias\`.`,
        }),
      { what: "the list of locations", none: "no alias can be climbed out of" },
    );
  },
});
