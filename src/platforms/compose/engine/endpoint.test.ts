import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { describeEndpoint, findEndpoint, isRemote, parseEndpoint } from "./endpoint.ts";

describe("findEndpoint", () => {
  let home: string;
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), "ringwall-home-"));
  });
  afterEach(() => rm(home, { recursive: true, force: true }));

  const context = async (name: string, host: string) => {
    const folder = join(home, ".docker/contexts/meta", createHash("sha256").update(name).digest("hex"));
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "meta.json"), JSON.stringify({ Name: name, Endpoints: { docker: { Host: host } } }));
  };

  it("is the system's socket when nothing is said", async () => {
    const endpoint = await findEndpoint({ variables: {}, home });
    expect(endpoint).toEqual({ kind: "unix", path: "/var/run/docker.sock", from: "the default" });
    expect(isRemote(endpoint)).toBe(false);
  });

  it("takes DOCKER_HOST before any context, and an empty one for none", async () => {
    await context("away", "tcp://10.0.0.5:2376");
    const variables = { DOCKER_HOST: "unix:///run/user/1000/docker.sock", DOCKER_CONTEXT: "away" };
    expect(await findEndpoint({ variables, home })).toMatchObject({ path: "/run/user/1000/docker.sock" });
    expect(await findEndpoint({ variables: { ...variables, DOCKER_HOST: "" }, home })).toMatchObject({
      host: "10.0.0.5",
    });
  });

  it("takes the current context of Docker's configuration", async () => {
    await context("away", "ssh://me@server");
    await writeFile(join(home, ".docker/config.json"), JSON.stringify({ currentContext: "away" }));
    const endpoint = await findEndpoint({ variables: {}, home });
    expect(endpoint).toEqual({ kind: "ssh", target: "me@server", from: 'the context "away"' });
    expect(isRemote(endpoint)).toBe(true);
  });

  it("says so when a context is not defined", async () => {
    await expect(findEndpoint({ variables: { DOCKER_CONTEXT: "gone" }, home })).rejects.toMatchObject({
      code: "engine-missing",
      message: expect.stringContaining('The Docker context "gone" is not defined'),
    });
  });

  it("reads a configuration that is not JSON as none", async () => {
    await mkdir(join(home, ".docker"), { recursive: true });
    await writeFile(join(home, ".docker/config.json"), "{");
    expect(await findEndpoint({ variables: {}, home })).toMatchObject({ kind: "unix" });
  });
});

describe("parseEndpoint", () => {
  it("gives TCP its default port with and without TLS, and takes IPv6", () => {
    const tls = { ca: undefined, certificate: undefined, key: undefined, verify: true };
    expect(parseEndpoint("tcp://host", "x")).toMatchObject({ kind: "tcp", host: "host", port: 2375, tls: undefined });
    expect(parseEndpoint("tcp://host", "x", tls)).toMatchObject({ port: 2376, tls });
    expect(parseEndpoint("tcp://[::1]:99", "x")).toMatchObject({ host: "::1", port: 99 });
    expect(describeEndpoint(parseEndpoint("tcp://host:1", "DOCKER_HOST"))).toBe("tcp://host:1 (from DOCKER_HOST)");
  });

  it.each(["", "docker.sock", "unix://", "unix://relative", "npipe:////./pipe/x", "ssh://", "tcp://", "tcp://h:99999"])(
    'refuses "%s" with a sentence',
    (text) => {
      expect(() => parseEndpoint(text, "DOCKER_HOST")).toThrow(/is no address of a container engine/);
    },
  );
});
