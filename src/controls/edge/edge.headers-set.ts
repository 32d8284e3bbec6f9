/**
 * Four headers switch off browser behaviour that attacks on visitors rest on.
 *
 * Reads:  route.headers
 * Passes: each of them is sent with a safe value.
 */
import type { Judgement } from "../../contracts/verdict.ts";
import type { Route } from "../../facts/subjects.ts";
import { listed } from "../../lib/listed.ts";
import { defineControl } from "../define.ts";
import { fail, notApplicable, pass } from "../judge.ts";
import { whyBehindAnother } from "../knowledge/front-door.ts";
import { headerLines } from "../knowledge/header-lines.ts";
import { judgeHeader } from "../knowledge/headers.ts";

const safe: readonly { readonly name: string; readonly good: RegExp }[] = [
  { name: "x-frame-options", good: /^(?:deny|sameorigin)$/i },
  { name: "x-content-type-options", good: /^nosniff$/i },
  {
    name: "referrer-policy",
    good: /^(?:no-referrer|same-origin|strict-origin|strict-origin-when-cross-origin|origin|origin-when-cross-origin)$/i,
  },
  { name: "permissions-policy", good: /=\s*(?:\(|self|none)/i },
];

export const headersSet = defineControl({
  id: "edge.headers-set",
  on: "route",
  severity: "low",
  title: "Protective headers are sent",
  claim: "Every route sends X-Frame-Options, X-Content-Type-Options, Referrer-Policy and Permissions-Policy.",
  threat: "Pages are framed to steal clicks, uploads are taken for scripts, addresses with tokens leak to other sites.",
  remedy:
    "Send `X-Frame-Options: SAMEORIGIN`, `X-Content-Type-Options: nosniff`, `Referrer-Policy: strict-origin-when-cross-origin`, `Permissions-Policy: geolocation=(), microphone=(), camera=()`.",
  judged:
    "One judgement for each header, in files one for each route: fails when it is absent, removed, or has a value that protects nothing (`unsafe-url`, `ALLOWALL`); info in files where no more is missing than Referrer-Policy and Permissions-Policy, whose absence browsers make good. `frame-ancestors` counts for X-Frame-Options. In files, what the service behind the proxy sends by itself is not seen. Not applicable where the proxy is not published.",
  frameworks: { nistCsf: ["PR.PS-01"], coverage: ["H1", "H2"] },
  exposureMatters: false,
  fix: {
    changesBehaviour:
      "Browsers show the site in no frame of another one (a dashboard), and guess no types. With nginx a header that the service sends too is sent twice.",
    onlyNamed: true,
    edits: (route, _system, judgement) =>
      route.lens === "written" && route.whole === true && sendsNone(route)
        ? headerLines(route, judgement, advised)
        : undefined,
  },

  check(route, system) {
    const behind = whyBehindAnother(route, system);
    if (behind !== undefined) return notApplicable(behind);
    const judged = safe.map(
      ({ name, good }) => framedBy(route, name) ?? judgeHeader(route, name, (value) => good.test(value.trim())),
    );
    return route.lens === "written" ? together(judged, route) : judged;
  },
});

/** `frame-ancestors` of a Content-Security-Policy says the same as X-Frame-Options, and goes before it. */
function framedBy({ headers }: Route, name: string): Judgement | undefined {
  const policy = headers.items.findLast((each) => each.name === "content-security-policy");
  if (name !== "x-frame-options" || policy === undefined || policy.value === null) return undefined;
  const ancestors = /(?:^|;)\s*frame-ancestors\s+([^;]*)/i.exec(policy.value)?.[1];
  return ancestors === undefined || /(?:^|\s)(?:\*|https?:)(?:\s|$)/.test(ancestors)
    ? undefined
    : pass(`frame-ancestors of the Content-Security-Policy is ${ancestors.trim()}`, policy.place);
}

/** Without these two browsers are careful of themselves: they tell others no more than the origin, and ask before they give. */
const browsersOwn: readonly string[] = ["referrer-policy", "permissions-policy"];

/** One judgement of all of them: four findings for each site of a proxy would say one thing four times. */
function together(judged: readonly Judgement[], { headers }: Route): Judgement {
  const missing = safe.filter((_, index) => judged[index]?.verdict === "fail").map(({ name }) => name);
  const others = judged.filter(({ verdict }) => verdict === "fail");
  const [first] = others;
  if (first !== undefined) {
    const because = headers.items.find(({ name, because: why }) => why !== undefined && missing.includes(name));
    const why = because?.because === undefined ? "" : `: ${because.because}`;
    const place = because?.place ?? first.place;
    const minor = missing.every((name) => browsersOwn.includes(name));
    return fail(`the proxy sends no good ${listed(missing)}${why}`, {
      ...(place === undefined ? {} : { place }),
      ...(minor ? { severity: "info" } : {}),
    });
  }
  return (
    judged.find(({ verdict }) => verdict === "unknown") ??
    judged.find(({ verdict }) => verdict === "pass") ??
    (judged[0] as Judgement)
  );
}

/** What leaves a site's own pages as they are: the rights that it has by itself, and its name to others. */
const advised: Readonly<Record<string, string>> = {
  "X-Frame-Options": "SAMEORIGIN",
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "strict-origin-when-cross-origin",
  "Permissions-Policy": "geolocation=(self), microphone=(self), camera=(self)",
};

/** Whether a file says nothing yet of any of them: what somebody wrote was meant. */
function sendsNone({ headers }: Route): boolean {
  return !headers.items.some(({ name }) => Object.keys(advised).some((each) => each.toLowerCase() === name));
}
