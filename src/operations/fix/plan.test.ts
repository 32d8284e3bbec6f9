import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { finding } from "../../../test/support/report-input.ts";
import type { Finding } from "../../contracts/verdict.ts";
import { placeAt, Source } from "../../lib/place.ts";
import { openRepository } from "../../repository/repository.ts";
import { LocatedFiles } from "./located-files.ts";
import { type Judge, planFixes } from "./plan.ts";

const text = "services:\n  web:\n    image: x\n";

let folder: string;
let files: LocatedFiles;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ringwall-plan-"));
  writeFileSync(join(folder, "compose.yaml"), text);
  files = new LocatedFiles();
  files.add(openRepository(folder));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A finding that a key of the service mends. */
function mendable(key: string, over: Partial<Finding> = {}): Finding {
  const at = placeAt(new Source("compose.yaml", text), text.indexOf("web"));
  const change = { kind: "set", value: 1 } as const;
  const fix = {
    edits: [{ kind: "document", at, of: "entry", path: [key], change } as const],
    changesBehaviour: undefined,
    onlyNamed: false,
  };
  return finding({
    control: `workload.${key}`,
    fingerprint: key.padEnd(16, "0"),
    place: at,
    fixable: true,
    fix,
    ...over,
  });
}

/** What is found in the text as it would be; everything whose key is not there. */
const judging =
  (found: readonly Finding[], more: (text: string) => readonly Finding[] = () => []): Judge =>
  async (view) => {
    const bytes = view(folder)?.file("compose.yaml")?.bytes ?? Buffer.from(text);
    const now = Buffer.from(bytes).toString();
    return [...found.filter(({ control }) => !now.includes(`${control.split(".")[1]}: 1`)), ...more(now)];
  };

const all = () => true;

async function planned(found: readonly Finding[], judge: Judge) {
  const plan = await planFixes(found, all, files, judge);
  return {
    text: plan.files[0]?.text ?? text,
    mended: plan.mended.map(({ finding: each }) => each.control),
    not: plan.notMended.map(({ finding: each, why }) => `${each.control}: ${why}`),
  };
}

describe("a plan of what is mended", () => {
  test("holds every change whose finding is gone, together in one file", async () => {
    const found = [mendable("a"), mendable("b")];
    expect(await planned(found, judging(found))).toEqual({
      text: `${text}    a: 1\n    b: 1\n`,
      mended: ["workload.a", "workload.b"],
      not: [],
    });
  });

  test("leaves out what would still be found", async () => {
    const found = [mendable("a"), mendable("b")];
    const stubborn = judging(found, (now) => (now.includes("a: 1") ? [mendable("a")] : []));
    expect(await planned(found, stubborn)).toEqual({
      text: `${text}    b: 1\n`,
      mended: ["workload.b"],
      not: ["workload.a: it would still be found afterwards"],
    });
  });

  test("leaves out what would bring something of medium severity, and nothing beside it", async () => {
    const found = [mendable("a"), mendable("b"), mendable("c")];
    const worse = finding({ control: "input", fingerprint: "worse", severity: "medium", message: "broken" });
    const judge = judging(found, (now) => (now.includes("b: 1") ? [worse] : []));
    expect(await planned(found, judge)).toEqual({
      text: `${text}    a: 1\n    c: 1\n`,
      mended: ["workload.a", "workload.c"],
      not: ["workload.b: input would be found instead: broken"],
    });
  });

  test("keeps what is right where one change does not mend and another brings something worse", async () => {
    const found = [mendable("a"), mendable("b"), mendable("c")];
    const worse = finding({ control: "input", fingerprint: "worse", severity: "low", message: "broken" });
    const judge = judging(found, (now) => [
      ...(now.includes("a: 1") ? [mendable("a")] : []),
      ...(now.includes("b: 1") ? [worse] : []),
    ]);
    expect(await planned(found, judge)).toEqual({
      text: `${text}    c: 1\n`,
      mended: ["workload.c"],
      not: ["workload.a: it would still be found afterwards", "workload.b: input would be found instead: broken"],
    });
  });

  test("is not put off by what is said of a file already, with a line that moves", async () => {
    const found = [mendable("a")];
    const said = (line: number) =>
      finding({ control: "input", fingerprint: `line ${line}`, severity: "low", message: `again in line ${line}` });
    const judge = judging(found, (now) => [said(now.split("\n").length)]);
    expect((await planned([...found, said(4)], judge)).mended).toEqual(["workload.a"]);
  });

  test("takes something of low severity into account", async () => {
    const found = [mendable("a")];
    const low = finding({ control: "x.y", fingerprint: "low", severity: "low" });
    expect(
      (
        await planned(
          found,
          judging(found, () => [low]),
        )
      ).mended,
    ).toEqual(["workload.a"]);
  });

  test("leaves out what would make another finding worse", async () => {
    const found = [mendable("a"), finding({ control: "x.y", fingerprint: "other", severity: "low" })];
    const judge = judging([found[0] as Finding], (now) => [
      finding({ control: "x.y", fingerprint: "other", severity: now.includes("a: 1") ? "high" : "low" }),
    ]);
    expect((await planned(found, judge)).mended).toEqual([]);
  });

  test("makes all edits of a finding or none", async () => {
    const whole = mendable("a");
    const edits = [...(whole.fix?.edits ?? []), { kind: "mode", file: "gone.env", mode: 0o600 } as const];
    const half = { ...whole, fix: { edits, changesBehaviour: undefined, onlyNamed: false } };
    expect(await planned([half], judging([half]))).toEqual({
      text,
      mended: [],
      not: ["workload.a: it stands in no file of the folder that is checked"],
    });
  });

  test("asks for nothing that was accepted, nor for what is not wanted", async () => {
    const waiver = { reason: "r", owner: undefined, until: undefined, place: finding().place };
    const found = [mendable("a", { waiver }), mendable("b")];
    const plan = await planFixes(found, ({ control }) => control !== "workload.b", files, judging(found));
    expect(plan).toEqual({ files: [], mended: [], notMended: [] });
  });
});
