/** Where code comes from. Types only. Every method throws a Failure. */
export interface Commits {
  /** Those of this service's source since this moment (ISO 8601), newest first, at most `limit`; null: no source is configured for it. */
  of(service: string, since: string, limit: number): Promise<Committed | null>;
}
export interface Committed {
  /** For people: "model-server (main)". */
  readonly source: string;
  readonly commits: readonly Commit[];
}
export interface Commit {
  /** At least seven characters. */
  readonly id: string;
  /** Author date of the commit on this branch, ISO 8601 UTC. */
  readonly at: string;
  readonly by: string;
  /** First line, secrets taken out. */
  readonly title: string;
}
