import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { inParallel } from "./in-parallel.ts";

it("keeps the order of the items, whichever ends first, undefined ones too", async () => {
  const slowFirst = async (item: number | undefined) => {
    await sleep(item === 1 ? 20 : 0);
    return `did ${item}`;
  };
  expect(await inParallel([1, undefined, 3], 3, slowFirst)).toEqual(["did 1", "did undefined", "did 3"]);
  expect(await inParallel([], 3, slowFirst)).toEqual([]);
});

it("works on as many as it is told at a time, and no more", async () => {
  let now = 0;
  let most = 0;
  await inParallel([1, 2, 3, 4, 5, 6, 7], 3, async () => {
    most = Math.max(most, ++now);
    await sleep(2);
    now -= 1;
  });
  expect(most).toBe(3);
});

it("begins nothing after a failure, waits for what is under way, and throws the first", async () => {
  const ended: number[] = [];
  const work = async (item: number) => {
    if (item === 2) throw new Error("the second failed");
    await sleep(10);
    ended.push(item);
  };
  await expect(inParallel([1, 2, 3, 4, 5], 2, work)).rejects.toThrow("the second failed");
  expect(ended).toEqual([1]);
});
