/** One spelling for the ways to name a repository: `https://host/a/b.git`, `ssh://git@host/a/b`, `git@host:a/b`. */
export function repositoryName(url: string): string {
  return url
    .toLowerCase()
    .replace(/^[a-z+]+:\/\//, "")
    .replace(/^[^/@]*@/, "")
    .replace(/^([^/:]+):(?:\d+\/)?/, "$1/")
    .replace(/(?:\.git)?\/?$/, "");
}
