import { describe, expect, test } from "vitest";
import { composeSystem } from "../../../test/support/compose-system.ts";
import { evaluate } from "../evaluate.ts";
import { flatFindings } from "../known-findings.ts";
import { signInSelective } from "./identity.sign-in-selective.ts";

const today = new Date("2027-01-01T00:00:00Z");

function told(settings: Readonly<Record<string, string>>): readonly string[] {
  const environment = Object.entries({ email_domains: "*", ...settings }).map(
    ([name, value]) => `      OAUTH2_PROXY_${name.toUpperCase()}: '${value}'\n`,
  );
  const system = composeSystem(
    `services:\n  a:\n    image: quay.io/oauth2-proxy/oauth2-proxy:v7.8.1\n    ports: ['4180:4180']\n    environment:\n${environment.join("")}`,
  );
  const { findings } = evaluate([system], [signInSelective], { profile: "homelab", today, ownStack: false });
  return flatFindings(findings).map(({ verdict, severity, message }) => `${verdict} ${severity}: ${message}`);
}

const everybody = (who: string) => [expect.stringMatching(`^fail high: every account of ${who} passes this sign-in`)];
const azure = [expect.stringMatching(/^unknown medium: .*whose accounts its app at Microsoft takes is not seen/)];

// covers: A3 | compose
describe("A sign-in that takes every domain", () => {
  test.each<readonly [string, Readonly<Record<string, string>>, unknown]>([
    ["Google as it comes", {}, everybody("google")],
    [
      "Google by its address",
      { provider: "oidc", oidc_issuer_url: "https://accounts.google.com" },
      everybody("accounts.google.com"),
    ],
    [
      "gitlab.com by its address",
      { provider: "gitlab", oidc_issuer_url: "https://gitlab.com/" },
      everybody("gitlab.com"),
    ],
    ["GitLab at home", { provider: "gitlab", oidc_issuer_url: "https://git.example.org" }, []],
    ["GitHub at work", { provider: "github", login_url: "https://ghe.example.org/login/oauth/authorize" }, []],
    ["a realm of one's own", { provider: "keycloak-oidc", oidc_issuer_url: "https://id.example.org/realms/home" }, []],
    [
      "an address in a variable",
      { provider: "oidc", oidc_issuer_url: "${ISSUER}" },
      [expect.stringMatching(/^unknown medium/)],
    ],
    ["Microsoft's accounts as it comes", { provider: "azure" }, azure],
    ["Microsoft's accounts of all", { provider: "azure", azure_tenant: "common" }, azure],
    ["one tenant", { provider: "azure", azure_tenant: "9f1a3c6e-0000-4000-8000-000000000000" }, []],
    ["Entra of all", { provider: "entra-id", oidc_issuer_url: "https://login.microsoftonline.com/common/v2.0" }, azure],
    [
      "Entra of one",
      {
        provider: "entra-id",
        oidc_issuer_url: "https://login.microsoftonline.com/9f1a3c6e-0000-4000-8000-000000000000/v2.0",
      },
      [],
    ],
    [
      "Entra of some",
      {
        provider: "entra-id",
        oidc_issuer_url: "https://login.microsoftonline.com/common/v2.0",
        entra_id_allowed_tenants: "a,b",
      },
      [],
    ],
    ["a team", { provider: "github", github_org: "example" }, []],
    ["no text of an address", { provider: "oidc", oidc_issuer_url: "x" }, []],
  ])("asks whose accounts its provider has: %s.", (_, settings, findings) => {
    expect(told(settings)).toEqual(findings);
  });
});
