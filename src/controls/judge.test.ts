import { describe, expect, test } from "vitest";
import { complete, defaulted, incomplete, stated, unknown, unstated } from "../facts/fact.ts";
import { all, demand, fail, forbid, forbidAny, requireSome } from "./judge.ts";
import { here } from "./testing/build.ts";

const readOnly = { what: "read_only" };

describe("a protection that must be stated", () => {
  const judge = (fact: Parameters<typeof demand<boolean>>[0]) => demand(fact, (value) => value, readOnly);

  test("passes when it is stated right", () => {
    expect(judge(stated(true, here))).toMatchObject({ verdict: "pass", message: "read_only is true" });
  });
  test("fails when it is stated wrong", () => {
    expect(judge(stated(false, here))).toMatchObject({ verdict: "fail", message: "read_only is false" });
  });
  test("fails when nobody stated it, and says so", () => {
    expect(judge(unstated(here))).toMatchObject({ verdict: "fail", message: "read_only is not stated" });
  });
  test("fails when the platform gives a wrong value, and says who gives it", () => {
    expect(judge(defaulted(false, "platform", here))).toMatchObject({
      verdict: "fail",
      message: "read_only is not stated, and the default is false",
    });
  });
  test("passes when the image gives a right value", () => {
    expect(judge(defaulted(true, "image", here)).verdict).toBe("pass");
  });
  test("is unknown when it cannot be resolved, and says why", () => {
    expect(judge(unknown("`RO` is set nowhere", here))).toMatchObject({
      verdict: "unknown",
      message: "read_only cannot be told: `RO` is set nowhere",
    });
  });
});

describe("a danger that must be absent", () => {
  const judge = (fact: Parameters<typeof forbid<boolean>>[0]) => forbid(fact, (value) => value, { what: "privileged" });

  test("fails when it is stated", () => expect(judge(stated(true, here)).verdict).toBe("fail"));
  test("fails when the platform brings it", () =>
    expect(judge(defaulted(true, "platform", here)).verdict).toBe("fail"));
  test("passes when it is stated off", () => expect(judge(stated(false, here)).verdict).toBe("pass"));
  test("is unknown when nothing says that it is absent", () => expect(judge(unstated(here)).verdict).toBe("unknown"));
  test("is unknown when it cannot be resolved", () => expect(judge(unknown("hidden", here)).verdict).toBe("unknown"));
});

describe("a list of which nothing may be bad", () => {
  const wording = { what: "the list", none: "nothing is bad" };
  const judge = (list: Parameters<typeof forbidAny<string>>[0]) =>
    forbidAny(list, (item) => (item === "bad" ? fail("bad is there", { detail: item }) : undefined), wording);

  test("passes once when it is whole and all are harmless", () => {
    expect(judge(complete(["good"], here))).toEqual([{ verdict: "pass", message: "nothing is bad", place: here }]);
  });
  test("passes when it is whole and empty", () => expect(judge(complete([], here))[0]?.verdict).toBe("pass"));
  test("fails for each bad item", () => {
    expect(judge(complete(["bad", "good", "bad"], here)).map((each) => each.verdict)).toEqual(["fail", "fail"]);
  });
  test("is unknown when items may be missing, though none that is there is bad", () => {
    expect(judge(incomplete(["good"], "a file is missing", here)).map((each) => each.verdict)).toEqual(["unknown"]);
  });
  test("tells both what is bad and that more may be missing", () => {
    expect(judge(incomplete(["bad"], "a file is missing", here)).map((each) => each.verdict)).toEqual([
      "fail",
      "unknown",
    ]);
  });
});

describe("a list that must hold something", () => {
  const wording = { what: "whether ALL is dropped", found: "ALL is dropped", missing: "ALL is not dropped" };
  const judge = (list: Parameters<typeof requireSome<string>>[0]) =>
    requireSome(list, (item) => item === "ALL", wording);

  test("passes when it is there, even when others may be missing", () => {
    expect(judge(incomplete(["ALL"], "hidden", here)).verdict).toBe("pass");
  });
  test("fails when it is whole and lacks it", () => expect(judge(complete(["NET_RAW"], here)).verdict).toBe("fail"));
  test("is unknown when it may be among what is missing", () => {
    expect(judge(incomplete([], "hidden", here)).verdict).toBe("unknown");
  });
});

test("several judgements become one list", () => {
  expect(all(fail("one"), [fail("two"), fail("three")]).map((each) => each.message)).toEqual(["one", "two", "three"]);
});
