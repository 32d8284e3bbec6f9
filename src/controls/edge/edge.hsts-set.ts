/**
 * HSTS makes browsers refuse the open door for as long as it says.
 *
 * Reads:  route.headers, route.tls
 * Passes: strict-transport-security is sent with at least half a year.
 */
import type { Judgement } from "../../contracts/verdict.ts";
import { knownValue } from "../../facts/fact.ts";
import { defineControl } from "../define.ts";
import { notApplicable } from "../judge.ts";
import { isForPrivateNetworks, isPrivateName, whyBehindAnother } from "../knowledge/front-door.ts";
import { headerLines } from "../knowledge/header-lines.ts";
import { judgeHeader } from "../knowledge/headers.ts";

const halfAYear = 15_768_000;

export const hstsSet = defineControl({
  id: "edge.hsts-set",
  on: "route",
  severity: "medium",
  title: "Browsers are told to come by HTTPS only",
  claim: "Every route sends Strict-Transport-Security with at least half a year.",
  threat: "On the first visit by plain HTTP whoever is on the way stays in between and keeps the visitor from HTTPS.",
  remedy:
    "Send `Strict-Transport-Security: max-age=31536000; includeSubDomains`. Add `preload` only when every subdomain will speak HTTPS for good: it is hard to undo.",
  judged:
    "Fails when the header is absent, removed, or its `max-age` is under half a year; low where only one's own network is answered. In files, what the service behind the proxy sends by itself is not seen. Not applicable for names of one's own network, where the proxy is not published, and without TLS, which edge.route-encrypted reports.",
  frameworks: { nistCsf: ["PR.DS-02"], coverage: ["H1", "H2"] },
  exposureMatters: false,
  fix: {
    changesBehaviour:
      "For a year browsers that were there take the name by HTTPS alone, and no certificate that they do not trust; that cannot be taken back before.",
    onlyNamed: true,
    edits: (route, _system, judgement) =>
      route.whole === true && !route.headers.items.some(({ name }) => name === "strict-transport-security")
        ? headerLines(route, judgement, { "Strict-Transport-Security": "max-age=31536000" })
        : undefined,
  },

  check(route, system): Judgement {
    const behind = whyBehindAnother(route, system);
    if (behind !== undefined) return notApplicable(behind);
    if (knownValue(route.tls) === "none") return notApplicable("edge.route-encrypted reports that there is no TLS");
    if (route.whole === true && isPrivateName(route))
      return notApplicable("its name means something in one's own network only");
    const judgement = judgeHeader(route, "strict-transport-security", (value) => {
      const seconds = Number(/max-age\s*=\s*"?(\d+)/i.exec(value)?.[1] ?? 0);
      return seconds >= halfAYear;
    });
    const isPrivate = route.whole === true && isForPrivateNetworks(route);
    return isPrivate && judgement.verdict === "fail" ? { ...judgement, severity: "low" } : judgement;
  },
});
