/** What a guard that proxies ask (forward authentication) is told to let pass, and on which terms. */
import type { Place } from "../../lib/place.ts";
import type { Fact, FactList } from "../fact.ts";

export type AccessLevel = "bypass" | "one-factor" | "two-factor" | "deny";

/** For what all lists take in; an empty and complete list takes in everything. */
export interface AccessRule {
  readonly level: Fact<AccessLevel>;
  /** `app.example.org`, `*.example.org` for all below it, `{user}.example.org` for the visitor's own. */
  readonly domains: FactList<string>;
  /** Regular expressions, as Go writes them; a domain that one of them or one of `domains` takes in is meant. */
  readonly domainPatterns: FactList<string>;
  /** Regular expressions over path and query. */
  readonly paths: FactList<string>;
  /** Ranges of addresses that the visitor's lies in. */
  readonly networks: FactList<string>;
  readonly methods: FactList<string>;
  /** Whether it asks for something of the query. */
  readonly byQuery: boolean;
  /** Whether it is for some users or groups: whoever is not signed in is asked to, before it can be told. */
  readonly bySubject: boolean;
  readonly place: Place;
}

/** The first rule that fits counts. */
export interface AccessPolicy {
  readonly rules: FactList<AccessRule>;
  readonly otherwise: Fact<AccessLevel>;
}
