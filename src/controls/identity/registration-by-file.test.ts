import { expect, test } from "vitest";
import { systemsOf } from "../../platforms/testing/systems-of.ts";
import { evaluate } from "../evaluate.ts";
import { flatFindings } from "../known-findings.ts";
import { configuredLoginRequired } from "./identity.configured-login-required.ts";
import { registrationClosed } from "./identity.registration-closed.ts";

const ini = "[repository]\n[database]\n[security]\nINSTALL_LOCK = true\n[service]\nDISABLE_REGISTRATION = false\n";

function told(published: string): readonly string[] {
  const systems = systemsOf({
    "compose.yaml": `services:\n  gitea:\n    image: gitea/gitea:1.24.5\n    volumes: ["./app.ini:/data/gitea/conf/app.ini"]\n${published}`,
    "app.ini": ini,
  });
  const options = { profile: "homelab", today: new Date("2027-01-01"), ownStack: false } as const;
  const { findings } = evaluate(systems, [configuredLoginRequired, registrationClosed], options);
  return flatFindings(findings).map(({ control, severity, verdict }) => `${control} ${verdict} ${severity}`);
}

// covers: A3 | compose
test("Accounts that strangers make are told once where a file lets them, and as mildly as where a variable does.", () => {
  expect(told('    ports: ["3000:3000"]\n')).toEqual(["identity.configured-login-required fail medium"]);
  expect(told("")).toEqual(["identity.configured-login-required fail low"]);
});
