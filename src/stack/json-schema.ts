import { z } from "zod";
import { stackSchema } from "./schema.ts";

/** The JSON Schema of `stack.yaml` for editors, as text that ends in a newline; the same on every run. */
export function stackJsonSchema(): string {
  const schema = z.toJSONSchema(stackSchema, { io: "input", target: "draft-2020-12", unrepresentable: "any" });
  return `${JSON.stringify({ title: "Ringwall stack", ...schema }, null, 2)}\n`;
}
