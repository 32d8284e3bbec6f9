import { describe, expect, it } from "vitest";
import { Secret } from "../../secrets/secret.ts";
import { expectSafe, failureOf } from "../../secrets/store-conformance.ts";
import { EnvironmentStore } from "./environment-store.ts";

const environment = {
  TF_VAR_db_password: "hunter2-hunter2",
  TF_VAR_API_TOKEN: "tok",
  PATH: "/bin",
  TF_VAR_: "x",
  TF_VAR_9: "y",
};

describe("the environment as a store", () => {
  // covers: S4
  it("gives what OpenTofu would take, and nothing else", async () => {
    const store = new EnvironmentStore(environment);
    expect(await store.list()).toEqual(["api-token", "db-password"]);
    expect((await store.get("db-password"))?.expose()).toBe("hunter2-hunter2");
    expect((await store.get("api-token"))?.expose()).toBe("tok");
    expect(await store.get("path")).toBeUndefined();
  });

  it("refuses to be changed, and says where to", async () => {
    const store = new EnvironmentStore(environment);
    expect(store.readOnly).toBe(true);
    const failure = await failureOf(store.set(new Secret("db-password", "hunter2-hunter2")));
    expectSafe(failure, "unsupported", "hunter2-hunter2");
    expect(failure).toMatchObject({ hint: expect.stringContaining("TF_VAR_db_password") });
    expectSafe(await failureOf(store.remove("db-password")), "unsupported");
  });

  it("does not choose between two values of one name", async () => {
    const store = new EnvironmentStore({ TF_VAR_a: "hunter2-one", TF_VAR_A: "hunter2-two" });
    expectSafe(await failureOf(store.get("a")), "conflict", "hunter2-one");
    expect((await new EnvironmentStore({ TF_VAR_a: "same", TF_VAR_A: "same" }).get("a"))?.expose()).toBe("same");
  });

  it("takes another prefix, and no name that is none", async () => {
    expect((await new EnvironmentStore({ SHOP_KEY: "v" }, "SHOP_").get("key"))?.expose()).toBe("v");
    for (const bad of ["../a", "A", "", "a_b"]) expectSafe(await failureOf(new EnvironmentStore({}).get(bad)), "usage");
  });
});
