import { expect, test } from "vitest";
import { threadMs } from "../../../test/support/thread-time.ts";
import { Sensitive } from "../../facts/sensitive.ts";
import { Source, wholeFile } from "../../lib/place.ts";
import { toPlain } from "../tree.ts";
import { fromArguments } from "./sources.ts";

const place = wholeFile(new Source("compose.yaml", ""));

function options(text: string): unknown {
  const tree = fromArguments([{ text: new Sensitive(text), place }], place);
  return tree && toPlain(tree);
}

test("Options in one word are taken apart in no more time than it is long, whatever blanks it has", () => {
  expect(options("--api.insecure=true  --log.level=DEBUG\n--ping")).toEqual({
    api: { insecure: { "": "true" } },
    log: { level: { "": "DEBUG" } },
    ping: { "": "true" },
  });
  const started = threadMs();
  expect(options(`--log.level=a${" ".repeat(100_000)}b`)).toBeDefined();
  expect(threadMs() - started).toBeLessThan(1_000);
});
