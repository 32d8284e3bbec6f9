import { describe, expect, test } from "vitest";
import { composeProjectOf } from "../../test/support/compose-tree.ts";
import { readComposeProject } from "../platforms/compose/read.ts";
import { repositoriesOf, repositoryOf } from "./image-repository.ts";

function systemOf(services: string) {
  return readComposeProject(composeProjectOf(`services: {${services}}`));
}

describe("The repository by which an image is told", () => {
  test.each([
    ["the reference's own", "it: {image: 'postgres:18'}", "library/postgres"],
    ["what stands before a tag that is not known", "it: {image: 'postgres:${TAG}'}", "library/postgres"],
    ["none where the name itself is not known", "it: {image: '${IMAGE}'}", undefined],
  ])("is %s.", (_, services, repository) => {
    const system = systemOf(services);
    expect(repositoryOf(system.all("image")[0])).toBe(repository);
    expect(repositoriesOf(system.all("workload")[0]!, system)).toEqual(repository === undefined ? [] : [repository]);
  });

  test("is none of an image that is no part of the system.", () => {
    expect(repositoryOf(undefined)).toBeUndefined();
  });
});
