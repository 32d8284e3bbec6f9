import { describe, expect, test } from "vitest";
import { routesIn, systemsOf } from "../../platforms/testing/systems-of.ts";

const compose = `services:
  proxy:
    image: nginx:1.29.1
    ports: ["443:443"]
    volumes: ["./conf.d:/etc/nginx/conf.d:ro"]
  app: { image: "adminer:5.3.0" }
  authentik: { image: "ghcr.io/goauthentik/server:2025.8.1" }
`;

/** What is asked on the way to the service, of a server with some lines in it. */
function signIn(lines: string, inLocation = ""): string | undefined {
  const conf = `server { listen 443 ssl; server_name a.example.org; ssl_certificate /c; ssl_certificate_key /k; ${lines}
    location / { ${inLocation} proxy_pass http://app:8080; } }\n`;
  const routes = routesIn(systemsOf({ "compose.yaml": compose, "conf.d/a.conf": conf }));
  return routes.find(({ to }) => to === "app:8080")?.signIn;
}

// covers: A3 | compose | real: authentik's own snippet for nginx
describe("A path that nginx asks at", () => {
  const asking = (location: string) => signIn(location, "auth_request /outpost.goauthentik.io/auth/nginx;");

  test.each<readonly [string, string]>([
    ["location /outpost.goauthentik.io { proxy_pass http://authentik:9000/outpost.goauthentik.io; }", "delegated"],
    ["location /outpost.goauthentik.io/ { proxy_pass http://authentik:9000/outpost.goauthentik.io/; }", "delegated"],
    ["location /outpost.goauthentik.io { proxy_pass http://authentik:9000; }", "delegated"],
    [
      "location = /outpost.goauthentik.io/auth/nginx { proxy_pass http://authentik:9000/outpost.goauthentik.io/auth/nginx; }",
      "delegated",
    ],
    ["location /outpost.goauthentik.io { proxy_pass http://authentik:9000/elsewhere; }", "unknown"],
    ["location /outpost.goauthentik.io { set $a http://authentik:9000/other; proxy_pass $a; }", "unknown"],
  ])("keeps what stands behind its location: %s", (location, answer) => {
    expect(asking(location)).toBe(answer);
  });
});

// covers: A3 | compose
describe("A condition that refuses", () => {
  test.each<readonly [string, string, string]>([
    ["ssl_verify_client optional;", "if ($ssl_client_verify != SUCCESS) { return 403; }", "single-factor"],
    ['ssl_verify_client optional; if ($ssl_client_verify != "SUCCESS") { return 403; }', "", "single-factor"],
    ["ssl_verify_client optional;", "", "unstated"],
    ["", "if ($ssl_client_verify != SUCCESS) { return 403; }", "unknown"],
    ["", 'if ($http_x_secret != "abc") { return 403; }', "unknown"],
    ["", 'if ($http_authorization = "") { return 401; }', "unknown"],
    ["", "if ($cookie_session !~ x) { return 401; }", "unknown"],
    ["", 'if ($http_user_agent ~* "bot") { return 403; }', "unstated"],
    ["", "if ($http_user_agent !~ Mozilla) { return 403; }", "unstated"],
    ["", "if ($request_method !~ ^(GET|POST)$) { return 405; }", "unstated"],
    ["", 'if ($http_x_secret != "abc") { set $x 1; }', "unstated"],
  ])("is as much of a sign-in as it asks for: %s %s", (lines, inLocation, answer) => {
    expect(signIn(lines, inLocation)).toBe(answer);
  });
});
