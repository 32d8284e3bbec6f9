import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { DeclarationErrors } from "../lib/error.ts";
import { describePlace, Source } from "../lib/place.ts";
import { type EvaluationOptions, evaluate } from "./evaluate.ts";
import { type CheckProfile, parseProfile, profiled, shippedProfiles } from "./profile.ts";
import { allControls } from "./registry.ts";
import { service, system } from "./testing/build.ts";

// covers: G2

function parse(text: string): CheckProfile {
  return parseProfile(text, new Source("profile.yaml", text), "profile", allControls);
}

function mistakes(text: string): readonly string[] {
  try {
    parse(text);
    return [];
  } catch (error) {
    if (!(error instanceof DeclarationErrors)) throw error;
    return error.problems.map(({ place, message }) => `${place ? describePlace(place) : "?"} ${message}`);
  }
}

describe("the profiles that come with Ringwall", () => {
  test.each(["homelab", "strict"] as const)("%s is the file that a user reads", (name) => {
    const text = readFileSync(new URL(`../../profiles/${name}.yaml`, import.meta.url), "utf8");
    expect(parse(text)).toEqual({ name, failOn: "high", ...shippedProfiles[name], controls: new Map() });
  });
});

describe("a profile of one's own", () => {
  test("says what is not asked, and what matters more or less", () => {
    const text = 'failOn: medium\nunknownCounts: true\ncontrols:\n  workload.cpu-limited: off\n  "detection.*": low\n';
    expect(parse(text)).toEqual({
      name: "profile",
      failOn: "medium",
      unknownCounts: true,
      exceptionsMustEnd: false,
      exceptionsNeedOwner: false,
      controls: new Map([
        ["workload.cpu-limited", "off"],
        ["detection.*", "low"],
      ]),
    });
  });

  test("that is empty asks what homelab asks", () => {
    expect(parse("")).toMatchObject({ failOn: "high", ...shippedProfiles.homelab });
  });

  test.each<readonly [string, readonly string[]]>([
    ["- a\n", ["profile.yaml:1:1 A profile is a mapping."]],
    ["failon: high\n", ['profile.yaml:1:1 A profile has no field "failon". Did you mean "failOn"?']],
    [
      "failOn: higher\n",
      ['profile.yaml:1:9 `failOn` is one of info, low, medium, high, critical. Did you mean "high"?'],
    ],
    ["unknownCounts: 'yes'\n", ["profile.yaml:1:16 `unknownCounts` is true or false."]],
    [
      "controls:\n  workload.cpu-limit: off\n  workload.memory-limited: hihg\n  input: off\n",
      [
        'profile.yaml:2:3 There is no control "workload.cpu-limit". Did you mean "workload.cpu-limited"?',
        'profile.yaml:3:28 `workload.memory-limited` is one of off, info, low, medium, high, critical. Did you mean "high"?',
        "profile.yaml:4:3 What input reports is always told: it says what was not judged, or what an exception hides.",
      ],
    ],
    [
      "controls: [workload.cpu-limited]\n",
      ["profile.yaml:1:11 `controls` is a mapping of controls to `off` or a severity."],
    ],
    ["name: a b\n", ["profile.yaml:1:7 `name` is a word of letters, digits, dots and dashes."]],
    ["failOn: [\n", ["profile.yaml:2:1 A `[` is never closed."]],
  ])("with a mistake is refused with its place: %j", (text, sentences) => {
    const found = mistakes(text);
    expect(found).toEqual(sentences);
  });
});

describe("what a profile asks", () => {
  const subjects = service("app", "written", "x:latest");
  const options: EvaluationOptions = { today: new Date("2026-01-01"), profile: "homelab", ownStack: false };
  const judge = (text: string) => {
    const { controls, off } = profiled(allControls, parse(text));
    return evaluate([system("written", ...subjects)], controls, { ...options, off });
  };
  const severityOf = (text: string, id: string) => judge(text).findings.find(({ control }) => control === id)?.severity;

  test("leaves out what is off, one by one and by ring, where one by itself counts more", () => {
    expect(severityOf("", "workload.cpu-limited")).toBe("low");
    expect(severityOf("controls: {workload.cpu-limited: off}", "workload.cpu-limited")).toBe(undefined);
    const ring = 'controls: {"workload.*": off, workload.cpu-limited: low}';
    expect(severityOf(ring, "workload.cpu-limited")).toBe("low");
    expect(severityOf(ring, "workload.memory-limited")).toBe(undefined);
    expect(profiled(allControls, parse(ring)).off).not.toContain("workload.cpu-limited");
  });

  test("starts each finding from the severity that is named, also where a case has one of its own", () => {
    expect(severityOf("controls: {workload.cpu-limited: high}", "workload.cpu-limited")).toBe("high");
    expect(severityOf("controls: {supply-chain.image-tag-pinned: info}", "supply-chain.image-tag-pinned")).toBe("info");
  });

  test("keeps exceptions from what is off valid", () => {
    const place = { kind: "nowhere", why: "test" } as const;
    const exception = {
      control: "workload.cpu-limited",
      subject: undefined,
      reason: "r",
      owner: "o",
      until: undefined,
      place,
    };
    const { controls, off } = profiled(allControls, parse("controls: {workload.cpu-limited: off}"));
    const { findings } = evaluate([system("written", ...subjects)], controls, {
      ...options,
      off,
      exceptions: [exception],
    });
    expect(findings.map(({ control }) => control)).not.toContain("governance.exception-valid");
  });
});
