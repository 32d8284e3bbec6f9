import { describe, expect, it } from "vitest";
import {
  cidr,
  containerPath,
  image,
  name,
  parseDuration,
  parseImage,
  parseSize,
  rateLimit,
  rotation,
} from "./scalars.ts";

describe("the small values of a declaration", () => {
  it("takes names that are DNS labels, and keeps -- for joining two of them", () => {
    for (const good of ["a", "api", "api-2", "a".repeat(31)]) expect(name.safeParse(good).success).toBe(true);
    for (const bad of ["", "Api", "2a", "a--b", "a-", "-a", "a_b", "a".repeat(32), "a.b", "a\u001b"]) {
      expect(name.safeParse(bad).success, bad).toBe(false);
    }
  });

  it("reads sizes in units of 1024 and nothing without a unit", () => {
    expect(parseSize("256MB")).toBe(256 * 1024 ** 2);
    expect(parseSize("1.5 GiB")).toBe(1.5 * 1024 ** 3);
    expect(parseSize("64m")).toBe(64 * 1024 ** 2);
    for (const bad of ["", "256", "0MB", "-1GB", "1e3MB", "MB", "2 potatoes"])
      expect(parseSize(bad), bad).toBeUndefined();
  });

  it("reads durations and refuses zero, fractions and unknown units", () => {
    expect(parseDuration("90d")).toBe(90 * 86_400);
    expect(parseDuration("30s")).toBe(30);
    for (const bad of ["", "0s", "1.5h", "90", "1y", "-1d"]) expect(parseDuration(bad), bad).toBeUndefined();
  });

  it("takes a network by its own address and says which one was meant otherwise", () => {
    expect(cidr.safeParse("10.10.0.0/24").success).toBe(true);
    expect(cidr.safeParse("fd00::/8").success).toBe(true);
    const host = cidr.safeParse("10.0.0.1/8");
    expect(host.error?.issues[0]?.message).toContain("`10.0.0.0/8`");
    const single = cidr.safeParse("192.168.1.7");
    expect(single.error?.issues[0]?.message).toContain("`192.168.1.7/32`");
    for (const bad of ["10.0.0.0/33", "300.0.0.0/8", "10.0/8", "010.0.0.0/8", "any", ""]) {
      expect(cidr.safeParse(bad).success, bad).toBe(false);
    }
  });

  it("fills in the registry and folder of an image as Docker does", () => {
    expect(parseImage("nginx:1.28")).toEqual({ repository: "docker.io/library/nginx", tag: "1.28", digest: undefined });
    expect(parseImage("prom/prometheus:v3")?.repository).toBe("docker.io/prom/prometheus");
    expect(parseImage("localhost:5000/a/b:1")).toEqual({
      repository: "localhost:5000/a/b",
      tag: "1",
      digest: undefined,
    });
    const digest = `sha256:${"a".repeat(64)}`;
    expect(parseImage(`ghcr.io/x/y@${digest}`)).toEqual({ repository: "ghcr.io/x/y", tag: undefined, digest });
    for (const bad of ["", "Nginx", "a b", "a:", "a@sha256:1", "$IMAGE", "-x"])
      expect(image.safeParse(bad).success, bad).toBe(false);
  });

  it("reads rate limits with a window, and none as no limit", () => {
    expect(rateLimit.parse("100/1m")).toEqual({ requests: 100, windowSeconds: 60 });
    expect(rateLimit.parse("5/s")).toEqual({ requests: 5, windowSeconds: 1 });
    expect(rateLimit.parse("none")).toBeUndefined();
    for (const bad of ["100", "0/1m", "100/", "100/0m", "x/1m"])
      expect(rateLimit.safeParse(bad).success, bad).toBe(false);
  });

  it("reads rotation as days or as an event", () => {
    expect(rotation.parse("90d")).toEqual({ kind: "days", days: 90 });
    expect(rotation.parse("on-compromise")).toEqual({ kind: "on-compromise" });
    expect(rotation.safeParse("never").success).toBe(false);
  });

  it("refuses paths that climb or are relative", () => {
    expect(containerPath.safeParse("/run/secrets/a..b").success).toBe(true);
    for (const bad of ["a/b", "/a/../b", "/..", "/a:b", ""])
      expect(containerPath.safeParse(bad).success, bad).toBe(false);
  });
});
