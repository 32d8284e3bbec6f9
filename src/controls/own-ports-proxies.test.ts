/** Sites and pages of proxies, and what switches open, each by the port that it is behind. */
import { describe, expect, test } from "vitest";
import { type Files, type Program, publishing, told } from "../../test/support/programs-with-files.ts";

// covers: A3 H1 S1 | compose
describe("A proxy", () => {
  const nginx = (servers: string): Program => ({
    image: "nginx:1.29",
    inside: "/etc/nginx/conf.d/default.conf",
    text: servers,
    site: ', "./site:/srv/site:ro"',
  });
  const caddy = (sites: string): Program => ({
    image: "caddy:2.10",
    inside: "/etc/caddy/Caddyfile",
    text: sites,
    site: ', "./site:/srv/site:ro"',
  });
  const climbing = "location /files { alias /srv/files/; }";
  const withSecret = (files: Files) => ({ ...files, "site/.env": "PASSWORD=x\n" });
  const hidden = "edge.hidden-files-unserved";
  const climbed = "edge.alias-contained";

  const sites: readonly (readonly [what: string, Program, own: string, other: string, control: string])[] = [
    [
      "nginx where others climb out of",
      nginx(`server { listen 8080; ${climbing} }\nserver { listen 80; return 204; }\n`),
      "81:8080",
      "80:80",
      climbed,
    ],
    ["nginx that says no port", nginx(`server { ${climbing} }\n`), "81:80", "9113:9113", climbed],
    [
      "nginx where secrets lie",
      nginx("server { listen 8080; root /srv/site; }\nserver { listen 80; return 204; }\n"),
      "81:8080",
      "80:80",
      hidden,
    ],
    [
      "Caddy where secrets lie",
      caddy(":8080 {\n\troot * /srv/site\n\tfile_server\n}\n:80 {\n\trespond 204\n}\n"),
      "81:8080",
      "80:80",
      hidden,
    ],
  ];
  for (const [what, program, own, other, control] of sites) {
    test(`has a site of ${what} on the port of that site.`, () => {
      const [onHost = ""] = own.split(":");
      const seen = (...ports: string[]) => told(withSecret(publishing(ports, program)), control);
      expect(seen(other, own)).toBe(
        `critical: High by itself, raised because port ${onHost} is published on every address: critical.`,
      );
      expect(seen(other)).toContain("lowered because nothing published leads straight to");
    });
  }

  test("may have a site behind a socket on any port.", () => {
    const site = nginx(`server { listen unix:/run/a.sock; ${climbing} }\n`);
    expect(told(publishing(["80:80"], site), climbed)).toMatch(/^critical/);
  });

  test("has its dashboard on a port of its own.", () => {
    const traefik = (entryPoints: string): Program => ({
      image: "traefik:v3.5",
      inside: "/etc/traefik/traefik.yml",
      text: `api: {insecure: true}\nentryPoints: {web: {address: ':80'}${entryPoints}}\n`,
    });
    const dashboard = (entryPoints: string, ...ports: string[]) =>
      told(publishing(ports, traefik(entryPoints)), "identity.proxy-admin-closed");
    expect(dashboard("", "80:80")).toMatch(/^low/);
    const built = { ...traefik(""), image: "example/all\n    build: ." };
    expect(told(publishing(["80:80"], built), "identity.proxy-admin-closed")).toMatch(/^medium/);
    expect(dashboard("", "80:80", "8080:8080")).toMatch(/^medium/);
    expect(dashboard(", traefik: {address: ':9000'}", "80:80", "8080:8080")).toMatch(/^low/);
    expect(dashboard(", traefik: {address: ':9000'}", "80:80", "9000:9000")).toMatch(/^medium/);
  });
});

// covers: A3 N6 | compose
describe("What a switch opens", () => {
  const control = "identity.authentication-on";
  const services = (text: string) => ({ "compose.yaml": `services:\n${text}` });
  const traefik = (ports: string, more = "") =>
    services(`  proxy:
    image: traefik:v3.5
    command: [--api.insecure=true, --entrypoints.web.address=:80${more}]
    ports: [${ports}]
`);

  test("is told of the port that it is behind.", () => {
    expect(told(traefik("'80:80', '8081:8080'"), control)).toContain("raised because port 8081 is published");
    expect(told(traefik("'80:80'"), control)).toBe("low: Low by itself.");
  });

  test.each([
    [
      "Traefik's dashboard",
      "traefik:v3.5",
      "TRAEFIK_API_INSECURE: 'true'",
      "TRAEFIK_ENTRYPOINTS_TRAEFIK_ADDRESS: ':9000'",
      "8080:8080",
    ],
    [
      "gluetun's proxy",
      "qmcgaw/gluetun:v3.41.0",
      "HTTPPROXY: 'on'",
      "HTTPPROXY_LISTENING_ADDRESS: ':9999'",
      "8888:8888",
    ],
  ])("by a variable is told of the port of %s, unless another variable has moved it.", (_, image, on, moving, own) => {
    const app = (environment: string, ...ports: readonly string[]) =>
      services(
        `  app: {image: '${image}', ports: [${ports.map((port) => `'${port}'`).join(", ")}], environment: {${environment}}}\n`,
      );
    expect(told(app(on, "80:80", own), control)).toContain(`raised because port ${own.split(":")[0]} is published`);
    expect(told(app(on, "80:80"), control)).toBe("low: Low by itself.");
    expect(told(app(`${on}, ${moving}`, "80:80"), control)).toContain("raised because port 80 is published");
  });

  test("is told of any where another option may have moved it.", () => {
    expect(told(traefik("'80:80'", ", --entrypoints.traefik.address=:9000"), control)).toContain(
      "port 80 is published",
    );
  });

  test("is inside where a router of its own shows its pages on the port for visitors.", () => {
    const [compose = ""] = Object.values(traefik("'80:80'", ", --providers.docker=true"));
    const labels = `    labels:
      traefik.http.routers.dash.rule: Host(\`dash.example.org\`)
      traefik.http.routers.dash.service: api@internal
`;
    expect(told({ "compose.yaml": `${compose}${labels}` }, control)).toBe("low: Low by itself.");
  });

  test("is not inside where a proxy leads to its port.", () => {
    const files = {
      "compose.yaml": `services:
  proxy:
    image: traefik:v3.5
    command: [--api.insecure=true]
    ports: ['80:80']
  front:
    image: caddy:2.10
    ports: ['443:443']
    volumes: ["./Caddyfile:/etc/caddy/Caddyfile:ro"]
`,
      Caddyfile: "dash.example.org {\n\treverse_proxy proxy:8080\n}\n",
    };
    expect(told(files, control)).toBe(
      "medium: Medium by itself; a proxy leads to it: dash.example.org is routed to it.",
    );
    const other = { ...files, Caddyfile: "dash.example.org {\n\treverse_proxy proxy:80\n}\n" };
    expect(told(other, control)).toBe("low: Low by itself.");
  });
});
