/**
 * Whether a resource that is no file here is one that kustomize fetches: a URL, or one of the short forms for Git hosts.
 * Source: kustomize v5.7.1, `api/internal/git/repospec.go`.
 */
export function isRemote(text: string): boolean {
  return (
    /^(?:[a-z][a-z0-9+.-]*:\/\/|git::|git@|gh:)/i.test(text) ||
    /^[\w.-]+@[\w.-]+:/.test(text) ||
    /^(?:[\w-]+\.)+[a-z]{2,}\/[\w.-]+\/[\w.-]+/i.test(text) ||
    /[?&]ref=/.test(text)
  );
}
