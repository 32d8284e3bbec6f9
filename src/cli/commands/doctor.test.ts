import { describe, expect, it } from "vitest";
import { RingwallError } from "../../lib/error.ts";
import type { RunProgram } from "../../lib/run-program.ts";
import type { DockerEngineInfo } from "../../platforms/compose/engine/describe-engine.ts";
import { plainStyle } from "../../report/style.ts";
import { diagnose, diagnosisText, type Surroundings } from "./doctor.ts";

const git: RunProgram = async () => ({ code: 0, signal: undefined, stdout: "git version 2.50.1\n", stderr: "" });
const noProgram: RunProgram = async (command) => {
  throw new RingwallError("not-found", `The program \`${command}\` is not installed.`);
};

const info: DockerEngineInfo = {
  name: "host",
  version: "28.5.2",
  apiVersion: "1.51",
  cgroup: "2",
  rootless: false,
  userNamespaces: false,
  remote: false,
  seccomp: true,
  appArmor: true,
  seLinux: false,
  noNewPrivileges: false,
  liveRestore: false,
  remappedRoot: undefined,
  composeVersion: "2.40.3",
};

function surroundings(over: Partial<DockerEngineInfo> = {}, run: RunProgram = git): Surroundings {
  return {
    nodeVersion: "v26.10.0",
    run,
    engine: async () => ({ endpoint: "/var/run/docker.sock (from the default)", info: { ...info, ...over } }),
  };
}

async function states(given: Surroundings) {
  return (await diagnose(given)).map(({ name, state }) => `${name} ${state}`);
}

describe("ringwall doctor", () => {
  it("finds that everything works where it does", async () => {
    expect(await states(surroundings())).toEqual([
      "Node.js works",
      "check works",
      "Docker engine works",
      "docker compose works",
      "cgroup works",
      "git works",
    ]);
  });

  it("says what still works where no engine answers, and what to do", async () => {
    const engine = async () => {
      throw new RingwallError("engine-missing", "No Docker engine answers.", { hint: "Start it." });
    };
    const [, , found] = await diagnose({ ...surroundings(), engine });
    expect(found).toMatchObject({ name: "Docker engine", state: "missing", found: "No Docker engine answers." });
    expect(found?.advice).toContain("Start it. Until then check, render and controls work");
  });

  it("says what an old Node.js, a missing or old Compose, cgroup 1 and a missing git mean", async () => {
    expect(await states({ ...surroundings(), nodeVersion: "v20.11.0" })).toContain("Node.js missing");
    expect(await states({ ...surroundings(), nodeVersion: "v22.18.0" })).toContain("Node.js works");
    expect(await states(surroundings({ composeVersion: undefined }))).toContain("docker compose missing");
    expect(await states(surroundings({ composeVersion: "2.0.1" }))).toContain("docker compose missing");
    expect(await states(surroundings({ cgroup: "1" }))).toContain("cgroup limited");
    expect(await states(surroundings({}, noProgram))).toContain("git limited");
    expect(await states(surroundings({ rootless: true }))).toContain("Engine limited");
  });

  it("is laid out for a screen without a line beyond it", async () => {
    const text = diagnosisText(await diagnose(surroundings({ cgroup: "1" })), plainStyle, 60);
    for (const line of text.split("\n")) expect(line.length, line).toBeLessThanOrEqual(60);
    expect(text).toContain("✓ Node.js");
    expect(text).toContain("! cgroup");
  });
});
