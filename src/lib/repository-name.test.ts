import { expect, test } from "vitest";
import { repositoryName } from "./repository-name.ts";

test.each([
  "https://git.home.example/me/home.git",
  "https://git.home.example/me/home",
  "https://git.home.example:3000/me/home.git/",
  "https://me:token@git.home.example/me/home.git",
  "ssh://git@git.home.example:2222/me/home.git",
  "git@git.home.example:me/home.git",
  "Git.Home.Example/me/home",
])("The address %s names the same repository as any other of its addresses.", (url) => {
  expect(repositoryName(url)).toBe("git.home.example/me/home");
});

test("Repositories of other hosts, owners and names have other names.", () => {
  const names = ["https://a.example/x/y", "https://b.example/x/y", "https://a.example/z/y", "https://a.example/x/z"];
  expect(new Set(names.map(repositoryName)).size).toBe(4);
});
