import { expect, test } from "vitest";
import { composeSystem } from "../../test/support/compose-system.ts";
import { evaluate } from "./evaluate.ts";
import { flatFindings } from "./known-findings.ts";
import { allControls } from "./registry.ts";

// covers: G2 | compose
test("Of a route the way through its proxy is told, whatever ports the service behind it publishes", () => {
  const system = composeSystem(`services:
  traefik:
    image: traefik:v3.5
    command: [--providers.docker=true, --entrypoints.web.address=:80]
    ports: ["80:80"]
    volumes: ["/var/run/docker.sock:/var/run/docker.sock:ro"]
  jellyfin:
    image: jellyfin/jellyfin:10.11
    ports: ["7359:7359/udp"]
    labels:
      traefik.http.routers.jellyfin.rule: Host(\`media.example.org\`)
      traefik.http.routers.jellyfin.entrypoints: web
      traefik.http.services.jellyfin.loadbalancer.server.port: "8096"
`);
  const options = { today: new Date("2027-01-01T00:00:00Z"), profile: "homelab", ownStack: false } as const;
  const { findings } = evaluate([system], allControls, options);
  const ofRoute = flatFindings(findings).filter(({ subject, path }) => subject.kind === "route" && path.length > 0);
  expect(ofRoute.length).toBeGreaterThan(0);
  for (const { path, severityWhy } of ofRoute) {
    expect(path.map(({ from, to, port }) => `${from}>${to}:${port}`)).toEqual([
      "outside>traefik:80",
      "traefik>jellyfin:8096",
    ]);
    expect(severityWhy).not.toContain("7359");
  }
});
