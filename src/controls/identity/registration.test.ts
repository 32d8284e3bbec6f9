import { describe, expect, test } from "vitest";
import { composeSystem } from "../../../test/support/compose-system.ts";
import { evaluate } from "../evaluate.ts";
import { flatFindings } from "../known-findings.ts";
import { registrationClosed } from "./identity.registration-closed.ts";

const today = new Date("2027-01-01T00:00:00Z");

/** What is said of a service: verdict, severity and the clause that tells who comes. */
function told(service: string): readonly string[] {
  const system = composeSystem(`services:\n  a: ${service}\n`);
  const { findings } = evaluate([system], [registrationClosed], { profile: "homelab", today, ownStack: false });
  return flatFindings(findings).map(
    ({ verdict, severity, message }) => `${verdict} ${severity}: ${message.slice(message.indexOf(": ") + 2)}`,
  );
}

const homebox = (more: string) => `{image: 'ghcr.io/sysadminsmedia/homebox:0.22.3', ${more}}`;
const route = (rule: string, ...more: readonly string[]) =>
  homebox(
    `labels: {traefik.enable: 'true', traefik.http.routers.a.rule: 'Host(\`${rule}\`)', traefik.http.services.a.loadbalancer.server.port: '7745'${more.map((each) => `, ${each}`).join("")}}`,
  );
test.each([
  ["woodpeckerci/woodpecker-server:v3.5.0", "WOODPECKER_OPEN: 'true'", "fail"],
  ["woodpeckerci/woodpecker-server:v3.5.0", "WOODPECKER_OPEN: 'true', WOODPECKER_ORGS: shop", "unknown"],
  ["woodpeckerci/woodpecker-server:v3.5.0", "WOODPECKER_ADMIN: ada", undefined],
  ["drone/drone:2.24", "DRONE_SERVER_PROTO: https", "fail"],
  ["drone/drone:2.24", "DRONE_USER_FILTER: ada", "unknown"],
])(
  "A builder lets in whoever has an account at the forge, unless it is told: %s with %s",
  (image, variables, verdict) => {
    const [found] = told(`{image: '${image}', ports: ['8000:8000'], environment: {${variables}}}`);
    expect(found?.split(" ")[0]).toBe(verdict);
  },
);

const open = "no variable says so, and it is open by itself";

// covers: A3 | compose
describe("An account for whoever comes", () => {
  test.each<readonly [string, string, readonly string[]]>([
    [
      "a port for everybody",
      homebox("ports: ['7745:7745']"),
      [`fail medium: ${open}; everybody reaches it: port 7745 is published on every address`],
    ],
    [
      "a public name",
      route("things.example.com"),
      [`fail medium: ${open}; everybody reaches it: things.example.com is routed to it`],
    ],
    [
      "a name of one's own network",
      route("things.home.arpa"),
      [`fail low: ${open}; nothing leads strangers straight to it: its routes are for networks of one's own`],
    ],
    [
      "an address of a tailnet",
      homebox("ports: ['100.101.102.103:7745:7745']"),
      [
        `fail low: ${open}; nothing leads strangers straight to it: port 7745 is published on 100.101.102.103, an address of a tailnet`,
      ],
    ],
    [
      "no way in",
      homebox("networks: [default]"),
      [expect.stringMatching(/^fail info: .*nothing leads strangers straight to it/) as string],
    ],
    [
      "an allow-list that is not seen",
      route("things.example.com", "traefik.http.routers.a.middlewares: 'home-only@file'"),
      [expect.stringMatching(/^unknown low: who comes by its route is not seen/) as string],
    ],
    [
      "a port for everybody beside the one for Git",
      "{image: 'gitea/gitea:1.24', ports: ['2222:22', '80:3000'], environment: {GITEA__service__DISABLE_REGISTRATION: 'false'}}",
      [expect.stringMatching(/^fail medium: .*everybody reaches it: port 80 is published on every address$/) as string],
    ],
    [
      "an address that is not known beside the port for Git",
      "{image: 'gitea/gitea:1.24', ports: ['2222:22', '${ADDRESS}:80:3000'], environment: {GITEA__service__DISABLE_REGISTRATION: 'false'}}",
      [expect.stringMatching(/^unknown low: /) as string],
    ],
    ["an image of nobody's", "{image: 'ghcr.io/example/homebox-like:1', ports: ['80:80']}", []],
  ])("matters as far as strangers come: %s.", (_, service, findings) => {
    expect(told(service)).toEqual(findings);
  });

  test("is not made by SSH.", () => {
    const gitea = (ports: string) =>
      told(
        `{image: 'gitea/gitea:1.25.3', environment: {GITEA__service__DISABLE_REGISTRATION: 'false'}, ports: [${ports}]}`,
      );
    const by = "`GITEA__service__DISABLE_REGISTRATION` opens it";
    expect(gitea("'2222:22'")).toEqual([
      `fail low: ${by}; nothing leads strangers straight to it: none of its pages is published`,
    ]);
    expect(gitea("'2222:22', '3000:3000'")).toEqual([expect.stringMatching(/^fail medium: .*everybody reaches it/)]);
    expect(gitea("'127.0.0.1:3000:3000'")).toEqual([expect.stringMatching(/^fail low/)]);
  });

  test.each([
    ["maybe", "unknown low: `HBOX_OPTIONS_ALLOW_REGISTRATION` neither opens nor closes it"],
    ["", "unknown low: `HBOX_OPTIONS_ALLOW_REGISTRATION` is empty"],
    ["${WHO}", 'unknown low: "WHO" is not set in this folder'],
  ])("is in doubt with %j.", (value, finding) => {
    const service = homebox(`ports: ['7745:7745'], environment: {HBOX_OPTIONS_ALLOW_REGISTRATION: '${value}'}`);
    expect(told(service)).toEqual([finding]);
  });

  test("is told from its variable, in whatever case and by whatever name the program takes.", () => {
    const forgejo = (name: string) =>
      told(`{image: 'codeberg.org/forgejo/forgejo:13', ports: ['3000:3000'], environment: {${name}: 'true'}}`);
    expect(forgejo("FORGEJO__service__DISABLE_REGISTRATION")).toEqual([]);
    expect(forgejo("GITEA__SERVICE__REGISTER_MANUAL_CONFIRM")).toEqual([]);
    expect(forgejo("FORGEJO__service__ENABLE_CAPTCHA")).toEqual([
      "unknown info: its set-up page asks, and keeps the answer in app.ini",
    ]);
  });

  test("is one of some only where a variable may name them, and is for nobody else to close where that one is empty.", () => {
    const vaultwarden = (name: string, value: string) =>
      told(`{image: 'vaultwarden/server:1.34.3', ports: ['80:80'], environment: {${name}: '${value}'}}`);
    const byItself = expect.stringMatching(/^fail medium: no variable says so, and it is open by itself/);
    expect(vaultwarden("SIGNUPS_DOMAINS_WHITELIST", "${DOMAINS}")).toEqual([
      expect.stringMatching(/^unknown low: `SIGNUPS_DOMAINS_WHITELIST` may let some in alone: /),
    ]);
    expect(vaultwarden("SIGNUPS_DOMAINS_WHITELIST", "")).toEqual([byItself]);
    expect(vaultwarden("ADMIN_TOKEN", "")).toEqual([byItself]);
    expect(vaultwarden("ADMIN_TOKEN", "${TOKEN}")).toEqual(["unknown info: its admin page may have closed it"]);
  });
});
