import { knownValue } from "../../facts/fact.ts";
import { rolesOf } from "../../facts/knowledge/roles.ts";
import type { Container } from "../../facts/subjects.ts";
import type { System } from "../../facts/system.ts";
import { settingOf } from "./container-settings.ts";

/** Whether a container runs a server of Atlantis. */
export function isAtlantis(container: Container, system: System): boolean {
  return rolesOf(container, system).software.includes("atlantis");
}

/** Why settings may stand in a file that is not read; undefined when none is named. */
export function fileOfFlags(container: Container): string | undefined {
  const file = settingOf(container, "ATLANTIS_CONFIG", "--config");
  const path = knownValue(file);
  if (file.kind === "unknown") return file.why;
  return path === undefined ? undefined : `\`${path}\` may state it`;
}

/** A Git host that Atlantis can serve: what shows that it does, and where its webhook's secret is given. */
export interface AtlantisHost {
  readonly name: string;
  readonly shownBy: readonly (readonly [variable: string, option: string])[];
  readonly secret: readonly [variable: string, option: string];
}

/** Source: runatlantis.io/docs/server-configuration (v0.35). */
export const atlantisHosts: readonly AtlantisHost[] = [
  {
    name: "GitHub",
    shownBy: [
      ["ATLANTIS_GH_TOKEN", "--gh-token"],
      ["ATLANTIS_GH_TOKEN_FILE", "--gh-token-file"],
      ["ATLANTIS_GH_APP_ID", "--gh-app-id"],
      ["ATLANTIS_GH_USER", "--gh-user"],
    ],
    secret: ["ATLANTIS_GH_WEBHOOK_SECRET", "--gh-webhook-secret"],
  },
  {
    name: "GitLab",
    shownBy: [
      ["ATLANTIS_GITLAB_TOKEN", "--gitlab-token"],
      ["ATLANTIS_GITLAB_USER", "--gitlab-user"],
    ],
    secret: ["ATLANTIS_GITLAB_WEBHOOK_SECRET", "--gitlab-webhook-secret"],
  },
  {
    name: "Gitea",
    shownBy: [
      ["ATLANTIS_GITEA_TOKEN", "--gitea-token"],
      ["ATLANTIS_GITEA_USER", "--gitea-user"],
    ],
    secret: ["ATLANTIS_GITEA_WEBHOOK_SECRET", "--gitea-webhook-secret"],
  },
  {
    name: "Bitbucket",
    shownBy: [["ATLANTIS_BITBUCKET_TOKEN", "--bitbucket-token"]],
    secret: ["ATLANTIS_BITBUCKET_WEBHOOK_SECRET", "--bitbucket-webhook-secret"],
  },
  {
    name: "Azure DevOps",
    shownBy: [["ATLANTIS_AZUREDEVOPS_TOKEN", "--azuredevops-token"]],
    secret: ["ATLANTIS_AZUREDEVOPS_WEBHOOK_PASSWORD", "--azuredevops-webhook-password"],
  },
];
