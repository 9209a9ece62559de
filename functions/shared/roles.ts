/** What people who sign in may be. Each sees what the role needs and no more; one person may have several. */
export const ROLES = ['link-worker', 'coordinator', 'provider-staff', 'auditor'] as const;
export type Role = (typeof ROLES)[number];

/** What the group of a team is called at the issuer: "team:" and the team's id. */
export function teamGroup(teamId: string): string {
  return `team:${teamId}`;
}
