/**
 * Atlantis's pages show every plan, and unlock what is locked, for whoever opens them.
 *
 * Reads:  container.environment, container.command, image.reference, route.authentication (of its workload)
 * Passes: its pages, or every route to them, ask for a login.
 */
import { knownValue } from "../../facts/fact.ts";
import type { Container } from "../../facts/subjects.ts";
import type { System } from "../../facts/system.ts";
import { defineControl } from "../define.ts";
import { cannotTell, fail, notApplicable, pass } from "../judge.ts";
import { fileOfFlags, isAtlantis } from "../knowledge/atlantis.ts";
import { isOn, settingOf } from "../knowledge/container-settings.ts";
import { guardOf } from "../knowledge/sign-in.ts";

export const atlantisPagesSignedIn = defineControl({
  id: "identity.atlantis-pages-signed-in",
  on: "container",
  severity: "medium",
  title: "Atlantis's pages ask for a login",
  claim: "Nobody sees Atlantis's plans and locks without a login.",
  threat:
    "Plans show addresses, names and sometimes secrets of everything, and a lock that a stranger removes lets two applies collide.",
  remedy:
    'Set `ATLANTIS_WEB_BASIC_AUTH: "true"` with `ATLANTIS_WEB_USERNAME` and `ATLANTIS_WEB_PASSWORD`, whose default everybody knows; or put a sign-in before every path but `/events`.',
  judged:
    "Fails where `--web-basic-auth` is off, as it is by default, unless a sign-in stands before every route to it; high where the password is the default, `atlantis`, beside a login that looks like one.",
  frameworks: { owaspDocker: ["D04"], nistCsf: ["PR.AA-03"], zeroTrust: ["6"], coverage: ["A3", "A7"] },

  check(container, system) {
    if (!isAtlantis(container, system)) return notApplicable("not Atlantis");
    const login = settingOf(container, "ATLANTIS_WEB_BASIC_AUTH", "--web-basic-auth");
    if (login.kind === "unknown")
      return cannotTell("whether its pages ask for a login", login.why, { place: login.place, severity: "low" });
    if (isOn(login) === true) return judgePassword(container);
    if (proxyAsks(container, system)) return pass("every route to it asks for a login", login.place);
    const elsewhere = login.kind === "unstated" ? fileOfFlags(container) : undefined;
    if (elsewhere !== undefined) return cannotTell("whether its pages ask for a login", elsewhere, { severity: "low" });
    return fail("its pages ask for no login", { place: login.place });
  },
});

function judgePassword(container: Container) {
  const password = settingOf(container, "ATLANTIS_WEB_PASSWORD", "--web-password");
  if (password.kind === "unknown")
    return cannotTell("the password of its pages", password.why, { place: password.place, severity: "low" });
  const known = knownValue(password);
  if (known === undefined && fileOfFlags(container) !== undefined)
    return cannotTell("the password of its pages", fileOfFlags(container) ?? "", { severity: "low" });
  return known === undefined || known === "atlantis"
    ? fail("its pages ask for the password that everybody knows", { place: password.place, detail: "password" })
    : pass("its pages ask for a login", password.place);
}

function proxyAsks(container: Container, system: System): boolean {
  const routes = system.all("route").filter((route) => {
    const target = knownValue(route.target)?.workload ?? route.owner;
    return (
      target !== undefined && target.name === container.workload.name && target.system === container.workload.system
    );
  });
  return routes.length > 0 && routes.every((route) => guardOf(route) !== "none");
}
