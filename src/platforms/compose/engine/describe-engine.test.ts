import { describe, expect, it } from "vitest";
import { infoJson } from "../../../../test/support/engine-objects.ts";
import type { RingwallError } from "../../../lib/error.ts";
import { demandCompose, engineInfo, engineRemarks } from "./describe-engine.ts";
import type { Endpoint } from "./endpoint.ts";
import { infoSchema } from "./schemas.ts";

const local: Endpoint = { kind: "unix", path: "/s", from: "a test" };
const described = (given: object, endpoint: Endpoint = local, compose: string | undefined = "2.40.3") =>
  engineInfo({ version: "28.5.2", apiVersion: "1.51", endpoint }, infoSchema.parse({ ...infoJson, ...given }), compose);

describe("describeEngine", () => {
  it("has nothing to remark on a plain local engine", () => {
    const info = described({});
    expect(info).toMatchObject({ cgroup: "2", rootless: false, userNamespaces: false, remote: false, seccomp: true });
    expect(engineRemarks(info)).toEqual([]);
  });

  it("recognises a rootless, a remapped and a remote engine, and says each", () => {
    const rootless = described({ SecurityOptions: ["name=seccomp,profile=builtin", "name=rootless", "name=cgroupns"] });
    expect(rootless.rootless).toBe(true);
    expect(engineRemarks(rootless).join(" ")).toContain("rootless");
    const remapped = described({
      SecurityOptions: ["name=userns", "name=seccomp,profile=builtin"],
      DockerRootDir: "/var/lib/docker/231072.231072",
    });
    expect(remapped.remappedRoot).toEqual({ uid: 231072, gid: 231072 });
    expect(engineRemarks(remapped).join(" ")).toContain("uid 0 of a container is uid 231072 of the host");
    const away = described({}, { kind: "tcp", host: "h", port: 2376, tls: undefined, from: "a test" });
    expect(engineRemarks(away).join(" ")).toContain("The engine is remote");
  });

  it("does not guess ids of a remapped engine whose folder does not tell them", () => {
    const info = described({ SecurityOptions: ["name=userns"], DockerRootDir: "/data" });
    expect(info.remappedRoot).toBeUndefined();
    expect(engineRemarks(info).join(" ")).toContain("cannot be told from here");
  });

  it("says when nothing filters system calls", () => {
    expect(engineRemarks(described({ SecurityOptions: null })).join(" ")).toContain("no seccomp");
  });

  it("wants a docker compose that is there and new enough", () => {
    expect(demandCompose(described({}))).toBe("2.40.3");
    expect(demandCompose(described({}, local, "2.20.0"))).toBe("2.20.0");
    const refusal = (version: string | undefined): RingwallError | undefined => {
      try {
        demandCompose({ ...described({}), composeVersion: version });
        return undefined;
      } catch (error) {
        return error as RingwallError;
      }
    };
    expect(refusal("2.19.9")?.code).toBe("engine-too-old");
    expect(refusal("1.29.2")?.code).toBe("engine-too-old");
    expect(refusal(undefined)?.code).toBe("engine-missing");
  });
});
