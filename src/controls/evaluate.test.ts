import { describe, expect, test } from "vitest";
import { composeSystem } from "../../test/support/compose-system.ts";
import type { Control } from "../contracts/control.ts";
import type { Finding } from "../contracts/verdict.ts";
import { System } from "../facts/system.ts";
import { placeAt, Source } from "../lib/place.ts";
import { defineControl } from "./define.ts";
import { type EvaluationOptions, evaluate, findingsThatCount } from "./evaluate.ts";
import { fail } from "./judge.ts";
import { allControls } from "./registry.ts";
import { here } from "./testing/build.ts";
import { InlineWaivers, parseInlineWaivers } from "./waivers.ts";

const options: EvaluationOptions = { today: new Date("2026-06-15T12:00:00Z"), profile: "homelab", ownStack: false };

function judge(text: string, more: Partial<EvaluationOptions> = {}) {
  return evaluate([composeSystem(text)], allControls, { ...options, ...more });
}

/** A finding, by itself or as part of a chain. */
function findingOf(findings: readonly Finding[], control: string): Finding {
  const found = findings
    .flatMap((each) => [each, ...(each.includes ?? [])])
    .find((finding) => finding.control === control);
  if (found === undefined) throw new Error(`${control} found nothing.`);
  return found;
}

const published = `services:
  portainer:
    image: portainer/portainer-ce:2.36.0
    ports:
      - "9443:9443"
    volumes:
      - /var/run/docker.sock:/var/run/docker.sock:ro
`;
const internal = `services:
  job:
    image: restic/restic:0.18.1
    privileged: true
`;

describe("severity", () => {
  test("of the engine's socket in a published container is critical, and says why", () => {
    const finding = findingOf(judge(published).findings, "workload.engine-socket-unmounted");
    expect(finding.severity).toBe("critical");
    expect(finding.severityWhy).toBe(
      "Critical by itself; port 9443 is published on every address, with no proxy before it.",
    );
    expect(finding.exposure).toBe("published");
  });

  test("of a proxy that is published does not miss a proxy before it", () => {
    const proxy = published.replace("portainer/portainer-ce:2.36.0", "traefik:3.6.2").replace("9443:9443", "443:443");
    const finding = findingOf(judge(proxy).findings, "workload.engine-socket-unmounted");
    expect(finding.severityWhy).toBe("Critical by itself; port 443 is published on every address.");
  });

  test("is one step lower where nothing outside leads", () => {
    const finding = findingOf(judge(internal).findings, "workload.privileged-off");
    expect(finding.severity).toBe("medium");
    expect(finding.severityWhy).toBe("High by itself, lowered because nothing published leads to it: medium.");
  });

  test("is one step higher where the container is a step to the host", () => {
    const both = `${internal}    environment:\n      RESTIC_PASSWORD: changeme\n`;
    const finding = findingOf(judge(both).findings, "secrets.value-strong");
    expect(finding.severityWhy).toContain("raised because the container is a step to the host: it is privileged");
    expect(finding.severity).toBe("high");
  });

  test("of what cannot be told is not raised", () => {
    const hidden = published
      .replace("- /var/run/docker.sock:", "- ${SOCKET}:")
      .replace("    volumes", "    privileged: ${P}\n    volumes");
    const finding = findingOf(judge(hidden).findings, "workload.privileged-off");
    expect(finding).toMatchObject({ verdict: "unknown", severity: "high", exposure: "published" });
  });

  test("of what exposure does not touch stays", () => {
    const finding = findingOf(judge(published).findings, "workload.memory-limited");
    expect(finding.severity).toBe("low");
  });
});

describe("findings", () => {
  test("are ranked as a defender would take them up", () => {
    const order = judge(published).findings.map((finding) => finding.severity);
    expect(order[0]).toBe("critical");
    expect(order.at(-1)).toBe("low");
    expect(judge(published).findings[0]?.control).toBe("workload.exposure-contained");
  });

  test("that are parts of a chain are told with it, and not beside it", () => {
    const { findings } = judge(published);
    const [chain] = findings;
    expect(chain?.message).toContain("port 9443 is published on every address), and it holds the engine's socket");
    const parts = ["workload.engine-socket-unmounted", "identity.admin-interface-unpublished"];
    expect(chain?.includes?.map((part) => part.control)).toEqual(expect.arrayContaining(parts));
    expect(findings.filter(({ control }) => parts.includes(control))).toEqual([]);
  });

  test("stand by themselves again where what the chain hangs on was accepted", () => {
    const accepted = {
      control: "workload.engine-socket-unmounted",
      reason: "we trust it",
      subject: undefined,
      owner: "ops",
      until: undefined,
      place: here,
    };
    const { findings } = judge(published, { exceptions: [accepted] });
    expect(findings.find(({ control }) => control === "workload.exposure-contained")?.waiver).toBeDefined();
    expect(findings.find(({ control }) => control === "identity.admin-interface-unpublished")?.waiver).toBeUndefined();
  });

  test("show the way from outside", () => {
    const { path } = findingOf(judge(published).findings, "workload.engine-socket-unmounted");
    expect(path[0]).toMatchObject({ from: "outside", to: "portainer", by: "port 9443 is published on every address" });
  });

  test("keep their fingerprint when lines move, and differ by control, subject and detail", () => {
    const before = judge(published).findings.map((finding) => finding.fingerprint);
    const after = judge(`# a new line\n\n${published}`).findings.map((finding) => finding.fingerprint);
    expect(after).toEqual(before);
    expect(new Set(before).size).toBe(before.length);
    expect(before.every((fingerprint) => /^[0-9a-f]{16}$/.test(fingerprint))).toBe(true);
  });

  test("of two projects of one name are told apart by their files", () => {
    const again = composeSystem(internal);
    const moved = evaluate([composeSystem(internal), again], allControls, options);
    const alone = evaluate([again], allControls, options);
    expect(moved.findings[0]?.fingerprint).not.toBe(alone.findings[0]?.fingerprint);
  });

  test("are grouped by control without losing one", () => {
    const { findings, groups } = judge(published);
    expect([...groups.values()].flat()).toHaveLength(findings.length);
    expect([...groups.keys()][0]).toBe(findings[0]?.control);
  });
});

describe("an exception", () => {
  const exception = {
    control: "workload.privileged-off",
    subject: "job",
    reason: "needs modules",
    owner: "alex",
    until: "2026-12-31",
    place: here,
  };

  test("waives a finding, which is counted and listed last, not hidden", () => {
    const { findings, counts } = judge(internal, { exceptions: [exception] });
    const finding = findingOf(findings, "workload.privileged-off");
    expect(finding.waiver).toMatchObject({ reason: "needs modules", owner: "alex", until: "2026-12-31" });
    expect(findings.at(-1)).toBe(finding);
    expect(counts.waived).toBe(1);
  });

  test("for another subject waives nothing", () => {
    const { counts } = judge(internal, { exceptions: [{ ...exception, subject: "other" }] });
    expect(counts.waived).toBe(0);
  });

  test("covers what belongs to the service that it names", () => {
    const socket = { ...exception, control: "workload.engine-socket-unmounted", subject: "portainer" };
    expect(judge(published, { exceptions: [socket] }).counts.waived).toBe(1);
  });

  test.each([
    ["that has ended", { until: "2026-06-14" }, "it ended on 2026-06-14"],
    ["without a reason", { reason: "" }, "it gives no reason"],
    ["from a control that does not exist", { control: "workload.privilged-off" }, "there is no control"],
  ])("%s waives nothing and is a finding itself", (_, change, message) => {
    const { findings, counts } = judge(internal, { exceptions: [{ ...exception, ...change }] });
    expect(counts.waived).toBe(0);
    expect(findingOf(findings, "governance.exception-valid").message).toContain(message);
  });

  test("from a control whose id is misspelt is told with the one that it is near", () => {
    const { findings } = judge(internal, { exceptions: [{ ...exception, control: "workload.privilged-off" }] });
    expect(findingOf(findings, "governance.exception-valid").remedy).toMatch(
      /^Write workload\.privileged-off if that is meant\. /,
    );
    const far = judge(internal, { exceptions: [{ ...exception, control: "something.else-altogether" }] });
    expect(findingOf(far.findings, "governance.exception-valid").remedy).not.toContain("if that is meant");
  });

  test("cannot waive the finding of a bad exception", () => {
    const hiding = { ...exception, control: "governance.exception-valid", subject: undefined };
    const { findings } = judge(internal, { exceptions: [{ ...exception, reason: "" }, hiding] });
    expect(findingOf(findings, "governance.exception-valid").waiver).toBeUndefined();
  });

  test("in a comment waives what stands on its line", () => {
    const text = internal.replace("true", "true # ringwall-ignore workload.privileged-off: needs modules");
    const source = new Source("compose.yaml", text);
    const inlineWaivers = new InlineWaivers(parseInlineWaivers(text, source));
    const finding = findingOf(judge(text, { inlineWaivers }).findings, "workload.privileged-off");
    expect(finding.waiver?.reason).toBe("needs modules");
  });

  test("in a comment that waives nothing is told, for it is in the wrong place or out of date", () => {
    const text = `# ringwall-ignore workload.privileged-off: old\n${published}`;
    const inlineWaivers = new InlineWaivers(parseInlineWaivers(text, new Source("compose.yaml", text)));
    const finding = findingOf(judge(text, { inlineWaivers }).findings, "governance.exception-valid");
    expect(finding).toMatchObject({ severity: "low", message: expect.stringContaining("waives nothing") });
  });
});

describe("a control", () => {
  const broken = (check: Control["check"]): Control =>
    defineControl({
      id: "workload.broken-test",
      on: "container",
      severity: "high",
      title: "t",
      claim: "c",
      threat: "t",
      remedy: "r",
      judged: "j",
      frameworks: {},
      check,
    });

  test("that throws is unknown and reported, and the others still judge", () => {
    const throws = broken(() => {
      throw new Error("a bug");
    });
    const result = evaluate([composeSystem(internal)], [throws, ...allControls], options);
    expect(result.internalErrors).toMatchObject([{ control: "workload.broken-test" }]);
    expect(findingOf(result.findings, "workload.broken-test").verdict).toBe("unknown");
    expect(findingOf(result.findings, "workload.privileged-off").verdict).toBe("fail");
  });

  test("that judges nothing is unknown and reported too", () => {
    const result = evaluate([composeSystem(internal)], [broken(() => [])], options);
    expect(result.internalErrors).toHaveLength(1);
    expect(result.counts).toMatchObject({ passed: 0, unknown: 1 });
  });

  test("counts once for each subject, by its worst judgement", () => {
    const result = evaluate(
      [composeSystem(internal)],
      [broken(() => [fail("one"), fail("two", { detail: "2" })])],
      options,
    );
    expect(result.counts).toMatchObject({ failed: 1, passed: 0 });
    expect(result.findings).toHaveLength(2);
  });
});

test("What could not be read is unknown, a finding of the reserved control input, with the reader's own hint", () => {
  const place = placeAt(new Source("compose.yaml", "services: {"), 11);
  const problem = {
    severity: "error",
    message: "the file ends in the middle",
    hint: "Write it again.",
    place,
  } as const;
  const doubt = { severity: "warning", message: "`TAG` is not set", place } as const;
  const unread = new System({
    name: "shop",
    lens: "written",
    platform: "compose",
    subjects: [],
    problems: [problem, doubt],
  });
  const { findings, counts } = evaluate([unread], allControls, options);
  expect(findings).toMatchObject([
    {
      control: "input",
      verdict: "unknown",
      severity: "high",
      message: "the file ends in the middle",
      remedy: "Write it again.",
    },
    { control: "input", verdict: "unknown", severity: "low", message: "`TAG` is not set" },
  ]);
  expect(counts.unknown).toBe(2);
});

describe("what makes the exit code 1", () => {
  const result = judge(published);

  test("is what failed at or above the severity asked for", () => {
    const counting = findingsThatCount(result, "high", options);
    expect(counting.map((finding) => finding.control)).toEqual(["workload.exposure-contained"]);
    expect(findingsThatCount(result, "low", options).length).toBeGreaterThan(counting.length);
  });

  test("is unknown too in one's own stack and under the profile strict, and nowhere else", () => {
    const hidden = judge("services:\n  app:\n    image: caddy:2.11.4\n    privileged: ${PRIVILEGED}\n");
    const privileged = (found: readonly Finding[]) => found.some((each) => each.control === "workload.privileged-off");
    expect(privileged(hidden.findings)).toBe(true);
    expect(privileged(findingsThatCount(hidden, "low", options))).toBe(false);
    expect(privileged(findingsThatCount(hidden, "low", { ...options, ownStack: true }))).toBe(true);
    expect(privileged(findingsThatCount(hidden, "low", { ...options, profile: "strict" }))).toBe(true);
  });

  test("is what could not be read, whatever the profile: nobody judged it", () => {
    const broken = judge("services:\n  app:\n    image: caddy:2.11.4\n    ports: ['99999:80']\n");
    expect(findingsThatCount(broken, "high", options).map((finding) => finding.control)).toEqual(["input"]);
    expect(findingsThatCount(broken, "critical", options)).toEqual([]);
  });

  test("is never what is waived", () => {
    const waived = judge(published, {
      exceptions: [
        {
          control: "workload.engine-socket-unmounted",
          subject: undefined,
          reason: "r",
          owner: "o",
          until: undefined,
          place: here,
        },
      ],
    });
    expect(findingsThatCount(waived, "critical", options)).toEqual([]);
  });
});

test("Verdicts are kept when they are asked for, passes too, with their evidence", () => {
  const { verdicts } = judge(internal, { keepVerdicts: true });
  const passed = verdicts.find((verdict) => verdict.control === "workload.seccomp-confined");
  expect(passed?.verdict).toBe("not-applicable");
  const kept = verdicts.find((verdict) => verdict.control === "workload.host-processes-hidden");
  expect(kept).toMatchObject({ verdict: "pass", lens: "written", at: "2026-06-15T12:00:00.000Z" });
  expect(kept?.evidence).toEqual(["`pid` is not stated, and the default is not the host's"]);
  expect(judge(internal).verdicts).toEqual([]);
});
