import { expect, test } from "vitest";
import { systemOf } from "../../../test/support/report-input.ts";
import { hidesGuessingContext, secretUseOfVariable } from "./secret-values.ts";

test("The variables of a container are looked through once for the names that a password may be made of, and not once for each.", () => {
  const names = Array.from({ length: 200 }, (_, index) => `DB_PASSWORD_${index}`);
  const variables = names.map((name) => `      ${name}: zq${name.length}Xk39fjQp21\n`).join("");
  const system = systemOf(`services:\n  a:\n    image: a:1\n    environment:\n${variables}      DB_USER: kim\n`);
  const [container] = system.all("container");
  if (container === undefined) throw new Error("no container");
  let read = 0;
  for (const variable of container.environment.items) {
    const { name } = variable;
    Object.defineProperty(variable, "name", {
      get: () => {
        read++;
        return name;
      },
    });
  }
  for (const variable of container.environment.items) {
    expect(secretUseOfVariable(variable, container, system).kind).not.toBe("unknown");
    expect(hidesGuessingContext(container, system)).toBe(false);
  }
  expect(read).toBeLessThan(10 * names.length);
});
