import { describe, expect, test } from "vitest";
import { composeProjectOf } from "../../../test/support/compose-tree.ts";
import { readComposeProject } from "../../platforms/compose/read.ts";
import { playsRole, rolesOf } from "./roles.ts";
import { serviceNamed, serviceOnPort } from "./services.ts";
import { softwareOf } from "./software.ts";

function roles(fields: string) {
  const system = readComposeProject(composeProjectOf(`services: {it: {${fields}}}`));
  const workload = system.all("workload")[0]!;
  return { found: [...rolesOf(workload, system).roles], datastore: playsRole(workload, "datastore", system) };
}

describe("Software is told from the image's name", () => {
  test.each([
    ["library/postgres", "postgresql"],
    ["bitnami/postgresql", "postgresql"],
    ["immich-app/postgres", "postgresql"],
    ["linuxserver/mariadb", "mariadb"],
    ["valkey/valkey", "redis"],
    ["minio/minio", "minio"],
    ["eclipse-mosquitto", "mosquitto"],
    ["tecnativa/docker-socket-proxy", "docker-socket-proxy"],
    ["linuxserver/socket-proxy", "docker-socket-proxy"],
    ["wollomatic/socket-proxy", "docker-socket-proxy"],
    ["hectorm/cetusguard", "cetusguard"],
    ["jc21/nginx-proxy-manager", "nginx-proxy-manager"],
    ["linuxserver/swag", "swag"],
    ["portainer/portainer-ce", "portainer"],
    ["containrrr/watchtower", "watchtower"],
    ["louislam/dockge", "dockge"],
    ["goauthentik/server", "authentik"],
  ])("%s is %s.", (repository, name) => {
    expect(softwareOf(repository)?.name).toBe(name);
  });

  test.each(["prometheuscommunity/postgres-exporter", "someone/server", "dpage/pgadmin4", "oliver006/redis_exporter"])(
    "%s is nothing that is known.",
    (repository) => {
      expect(softwareOf(repository)).toBeUndefined();
    },
  );
});

describe("A web server", () => {
  const label = "labels: {traefik.enable: 'true', traefik.http.routers.a.rule: 'Host(`a.example`)'}";

  test("is a proxy by itself, and the site behind one where a route leads to it.", () => {
    expect(roles("image: 'nginx:1.28'").found).toEqual(["proxy"]);
    expect(roles(`image: 'nginx:1.28', ${label}`).found).toEqual([]);
  });

  test("that can be nothing but a proxy stays one.", () => {
    expect(roles(`image: 'traefik:3.5', ${label}`).found).toContain("proxy");
  });
});

describe("Roles", () => {
  test("come from the image, and from a datastore's port where the image says nothing.", () => {
    expect(roles("image: 'redis:7'").found).toEqual(["datastore"]);
    expect(roles("image: mine/cache, expose: ['6379']").found).toEqual(["datastore"]);
    expect(roles("build: {context: .}, ports: [{target: 5432, published: '5432'}]").found).toEqual(["datastore"]);
    expect(roles("image: mine/app, expose: ['8080']").found).toEqual([]);
  });

  test("do not come from a port when the image is known for something else.", () => {
    expect(roles("image: traefik, ports: [{target: 6379, published: '6379'}]").found).toEqual(["proxy"]);
  });

  test("are known where only the tag is a variable, and unknown where the whole image is.", () => {
    expect(roles('image: "postgres:${TAG}"').datastore).toBe("yes");
    expect(roles('image: "${IMAGE}"').datastore).toBe("unknown");
    expect(roles("image: mine/app").datastore).toBe("no");
  });
});

test("A service by its port says whether it asks who is there.", () => {
  expect(serviceOnPort(6379, "tcp")).toEqual(serviceNamed("redis"));
  expect(serviceOnPort(2375, "tcp")).toMatchObject({
    name: "docker-api",
    authenticates: "no",
    encrypts: "no",
    internalOnly: true,
  });
  expect(serviceOnPort(22, "tcp")).toMatchObject({ authenticates: "yes", encrypts: "yes", internalOnly: false });
  expect(serviceOnPort(51820, "tcp")).toBeUndefined();
});
