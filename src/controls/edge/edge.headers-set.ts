/**
 * Four headers switch off browser behaviour that attacks on visitors rest on.
 *
 * Reads:  route.headers
 * Passes: each of them is sent with a safe value.
 */
import { defineControl } from "../define.ts";
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
    "One judgement for each header: fails when it is absent, removed, or has a value that protects nothing (`unsafe-url`, `ALLOWALL`).",
  frameworks: { nistCsf: ["PR.PS-01"], coverage: ["H1", "H2"] },
  exposureMatters: false,

  check(route) {
    return safe.map(({ name, good }) => judgeHeader(route, name, (value) => good.test(value.trim())));
  },
});
