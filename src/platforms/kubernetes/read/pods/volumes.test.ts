import { expect, test } from "vitest";
import { describePlace } from "../../../../lib/place.ts";
import { readPaths } from "../../../read-paths.ts";

// covers: W4 | kubernetes
test("A path of the host that a patch sets is told where the patch says it.", () => {
  const folder = new URL(
    "../../../../controls/workload/fixtures/workload.host-paths-unmounted/fail.path-that-a-patch-sets",
    import.meta.url,
  ).pathname;
  const { systems } = readPaths([folder], { cwd: folder, now: new Date("2027-01-01T00:00:00Z") });
  const places = systems.flatMap((system) => system.all("mount")).map(({ place }) => describePlace(place));
  expect(places).toContainEqual(expect.stringMatching(/over\/kustomization\.yaml:2/));
});
