/**
 * A list of files leads to the one that nobody was meant to find.
 *
 * Reads:  repository-file.configuration (listings of Caddy, nginx)
 * Passes: no folder is listed.
 */

import { defineControl } from "../define.ts";
import { valueAt } from "../fix.ts";
import { fail, forbidAny, notApplicable } from "../judge.ts";
import { proxyConfigurationOf, proxySoftware } from "../knowledge/proxy-configuration.ts";

export const directoryListingOff = defineControl({
  id: "edge.directory-listing-off",
  on: "repository-file",
  software: proxySoftware,
  severity: "low",
  title: "Folders are not listed",
  claim: "No proxy lists the content of folders.",
  threat: "Backups, exports and drafts that lie beside a site's files are found without guessing their names.",
  remedy:
    "Take `browse` from Caddy's `file_server`, or `autoindex on` from nginx. Where a list is wanted, put a sign-in before it and record it: `# ringwall-ignore edge.directory-listing-off: reason`.",
  judged: "Fails for each folder that Caddy's `browse` or nginx's `autoindex` lists.",
  frameworks: { nistCsf: ["PR.PS-01", "PR.DS-01"], coverage: ["H1"] },
  exposureMatters: false,
  fix: {
    changesBehaviour: "Whoever asks for a folder without a page of its own gets an error in place of the list.",
    onlyNamed: true,
    edits(file, _system, { place }) {
      const isNginx = proxyConfigurationOf(file)?.configuration.software === "nginx";
      return isNginx ? valueAt(place, /autoindex[ \t]+(on)[ \t]*;/i, "off") : undefined;
    },
  },

  check(file) {
    const proxy = proxyConfigurationOf(file);
    if (proxy === undefined) return notApplicable("it is no proxy's configuration");
    return forbidAny(
      proxy.configuration.listings,
      ({ name, place }) => fail(`the content of ${name} is listed`, { place, detail: name }),
      { what: "the list of folders that are served", none: "no folder is listed" },
    );
  },
});
