/** A header of every answer that an edge gives; `null` stands for one that it takes away. */
export interface ResponseHeader {
  /** In lower case. */
  readonly name: string;
  readonly value: string | null;
}

export interface StrictTransport {
  readonly maxAgeSeconds: number;
  readonly includeSubDomains: boolean;
  readonly preload: boolean;
}

/** What every answer of every route has, beside HSTS, which is the route's own. */
export const commonHeaders: readonly ResponseHeader[] = [
  { name: "x-content-type-options", value: "nosniff" },
  { name: "x-frame-options", value: "SAMEORIGIN" },
  { name: "referrer-policy", value: "strict-origin-when-cross-origin" },
  { name: "permissions-policy", value: "geolocation=(), microphone=(), camera=()" },
  { name: "server", value: null },
  { name: "x-powered-by", value: null },
];

/** The headers that every route of a stack has, whatever program its edge is. */
export function responseHeaders(hsts: StrictTransport): readonly ResponseHeader[] {
  return [{ name: "strict-transport-security", value: strictTransport(hsts) }, ...commonHeaders];
}

/** A host has one policy for all its routes: the longest of theirs, and wide or preloaded only when all of them are. */
export function hostTransport(policies: readonly StrictTransport[]): StrictTransport {
  return {
    maxAgeSeconds: Math.max(0, ...policies.map((policy) => policy.maxAgeSeconds)),
    includeSubDomains: policies.every((policy) => policy.includeSubDomains),
    preload: policies.every((policy) => policy.preload),
  };
}

/** The value of the header Strict-Transport-Security. */
export function strictTransport({ maxAgeSeconds, includeSubDomains, preload }: StrictTransport): string {
  return [
    `max-age=${maxAgeSeconds}`,
    ...(includeSubDomains ? ["includeSubDomains"] : []),
    ...(preload ? ["preload"] : []),
  ].join("; ");
}
