import { expect, test } from "vitest";
import { composeSystem } from "../../../test/support/compose-system.ts";
import { managementOf } from "./route-facts.ts";

/** What is told of a route to a container of an image whose labels name no port. */
function toImage(image: string) {
  const system = composeSystem(`services:
  traefik:
    image: traefik:v3.3
    ports: ["443:443"]
    command: ["--providers.docker=true", "--entrypoints.websecure.address=:443"]
  app:
    image: ${image}
    labels:
      traefik.http.routers.app.rule: Host(\`app.example.org\`)
      traefik.http.routers.app.tls: "true"
`);
  return system
    .all("route")
    .filter(({ owner }) => owner?.name === "app")
    .map((route) => managementOf(route, system));
}

test("A container without a port in its labels is no admin interface where its image has none on any port", () => {
  expect(toImage("ghcr.io/example/app:1.4.2")).toEqual(["none"]);
  expect(toImage("jellyfin/jellyfin:10.10.3")).toEqual(["none"]);
});

test("Where the image has one, or cannot be resolved, a port that is not named leaves it open", () => {
  const doubt = "no label names the port, and the image decides which ports it exposes";
  expect(toImage("koenkk/zigbee2mqtt:2.1.0")).toEqual([{ doubt }]);
  expect(toImage("${APP_IMAGE}")).toEqual([{ doubt: '"APP_IMAGE" is not set in this folder' }]);
});

test("One whose every port is the interface is told without a port", () => {
  expect(toImage("amir20/dozzle:v8.8")).toMatchObject([{ name: "Dozzle", login: false }]);
});

test("A router that names the service of another container leads to that one", () => {
  const system = composeSystem(`services:
  traefik:
    image: traefik:v3.3
    ports: ["443:443"]
    command: ["--providers.docker=true", "--entrypoints.websecure.address=:443"]
  app:
    image: ghcr.io/example/app:1.4.2
    labels:
      traefik.http.routers.app.rule: Host(\`app.example.org\`)
      traefik.http.routers.app.tls: "true"
      traefik.http.routers.app.service: bus
  bus:
    image: koenkk/zigbee2mqtt:2.1.0
    labels:
      traefik.http.services.bus.loadbalancer.server.port: \${BUS_PORT}
`);
  const [route] = system.all("route").filter(({ owner }) => owner?.name === "app");
  expect(route && managementOf(route, system)).toEqual({ doubt: '"BUS_PORT" is not set in this folder' });
});
