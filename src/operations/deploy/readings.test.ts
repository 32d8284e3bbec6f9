import { describe, expect, it } from "vitest";
import { containerJson } from "../../../test/support/engine-objects.ts";
import { containerSchema } from "../../platforms/compose/engine/schemas.ts";
import { withoutFrames } from "./container-logs.ts";
import { differences } from "./differences.ts";
import { interfaceSubnets, routedSubnets } from "./host-subnets.ts";
import { overlaps } from "./subnets.ts";
import { parseTarOwner } from "./volume-owner.ts";
import { readiness } from "./wait-healthy.ts";

describe("readiness", () => {
  const of = (state: object, given: Record<string, object | number> = {}) =>
    readiness(containerSchema.parse(containerJson("web", { State: state, ...given }))).kind;

  it("waits for a health command that has not answered, and fails for one that says no", () => {
    expect(of({})).toBe("ready");
    expect(of({ Health: { Status: "healthy", Log: [] } })).toBe("ready");
    expect(of({ Health: { Status: "starting", Log: [] } })).toBe("waiting");
    expect(of({ Health: { Status: "unhealthy", Log: [] } })).toBe("failed");
  });

  it("fails for what ends or restarts again and again, and not for what did its work", () => {
    expect(of({ Status: "restarting", ExitCode: 1 }, { RestartCount: 1 })).toBe("waiting");
    expect(of({ Status: "restarting", ExitCode: 1 }, { RestartCount: 3 })).toBe("failed");
    expect(of({}, { RestartCount: 4 })).toBe("failed");
    expect(of({ Health: { Status: "healthy", Log: [] } }, { RestartCount: 40 })).toBe("ready");
    expect(readiness(containerSchema.parse(containerJson("web", { RestartCount: 40 })), 39).kind).toBe("ready");
    expect(of({ Status: "exited", ExitCode: 0 })).toBe("failed");
    expect(
      of({ Status: "exited", ExitCode: 0 }, { HostConfig: { RestartPolicy: { Name: "no", MaximumRetryCount: 0 } } }),
    ).toBe("ready");
    expect(
      of({ Status: "exited", ExitCode: 1 }, { HostConfig: { RestartPolicy: { Name: "no", MaximumRetryCount: 0 } } }),
    ).toBe("failed");
  });

  it("waits for what is not there yet, and fails for what cannot be started", () => {
    expect(readiness(undefined).kind).toBe("waiting");
    expect(of({ Status: "created" })).toBe("waiting");
    expect(of({ Status: "created", Error: "no such file" })).toBe("failed");
  });
});

describe("differences", () => {
  it("says what was changed, added and removed, and by which name", () => {
    const before = { image: "a", environment: { A: "1", B: "2" }, ports: [1] };
    const after = { image: "b", environment: { A: "1", C: "3" }, ports: [1, 2] };
    expect(differences(before, after)).toEqual([
      "image changed from a to b",
      "environment.B was removed",
      "environment.C was added",
      "ports changed",
    ]);
    expect(differences(before, before)).toEqual([]);
  });
});

describe("what the host reaches", () => {
  it("is told by its interfaces, loopback and link-local left out", () => {
    const address = (cidr: string, internal = false) => ({
      cidr,
      internal,
      address: "",
      netmask: "",
      mac: "",
      family: "IPv4" as const,
    });
    expect(
      interfaceSubnets({ lo: [address("127.0.0.1/8", true)], eth0: [address("10.0.0.5/24")] }).map(({ cidr }) => cidr),
    ).toEqual(["10.0.0.5/24"]);
  });

  it("is told by its routes, in the byte order of the kernel, the default route left out", () => {
    const table = [
      "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT",
      "eth0\t00000000\t0100000A\t0003\t0\t0\t0\t00000000\t0\t0\t0",
      "wg0\t0000140A\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0",
      "broken",
    ].join("\n");
    expect(routedSubnets(table)).toEqual([
      { cidr: "10.20.0.0/16", what: "a route over wg0 of this machine", device: "wg0" },
    ]);
  });

  it("overlaps when one range holds the other or a part of it, and never across families", () => {
    expect(overlaps("10.0.0.0/8", "10.10.0.0/24")).toBe(true);
    expect(overlaps("10.10.0.128/25", "10.10.0.0/24")).toBe(true);
    expect(overlaps("10.10.0.0/25", "10.10.0.128/25")).toBe(false);
    expect(overlaps("::/0", "10.0.0.0/8")).toBe(false);
    expect(overlaps("fd00::/8", "fd12:3456::/64")).toBe(true);
    expect(overlaps("nonsense", "10.0.0.0/8")).toBe(false);
  });
});

describe("what an engine sends as bytes", () => {
  it("is text without the frames of a log, and without what was cut off", () => {
    const frame = (text: string) => Buffer.concat([Buffer.from([1, 0, 0, 0, 0, 0, 0, text.length]), Buffer.from(text)]);
    expect(withoutFrames(Buffer.concat([frame("one\n"), frame("two\n")])).toString()).toBe("one\ntwo\n");
    expect(withoutFrames(Buffer.from([1, 0, 0])).toString()).toBe("");
  });

  it("is the owner of a folder in the head of an archive", () => {
    const header = Buffer.alloc(512);
    header.write("data/", 0);
    header.write("0000750\0", 100);
    header.write("0007643\0", 108);
    header.write("0007643\0", 116);
    expect(parseTarOwner(header)).toEqual({ uid: 4003, gid: 4003, mode: 0o750 });
  });
});
