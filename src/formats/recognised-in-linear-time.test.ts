import { expect, test } from "vitest";
import { threadMs } from "../../test/support/thread-time.ts";
import { configFormats } from "./config-formats.ts";

test.each(configFormats.map((format) => [format.name, format] as const))(
  "A file of nothing but blank lines holds %s not up.",
  (_, format) => {
    const before = threadMs();
    for (const blank of ["\n", "\t\n", " \r\n", " "])
      for (const path of ["x.toml", "x.ini", "x.yaml", "x"]) format.recognises(path, blank.repeat(10_000));
    expect(threadMs() - before).toBeLessThan(500);
  },
);
