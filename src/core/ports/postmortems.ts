/** Where drafts of post-mortems are kept beside their threads: a folder or a bucket. Types only. */
export interface Postmortems {
  /** Replaces what has this name. Returns where it is, for people. Throws a Failure after `limitMs` at the latest. */
  write(name: string, markdown: string, limitMs: number): Promise<string>;
}
