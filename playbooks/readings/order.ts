/** By code units: for times, ids and names of Kubernetes as good as `localeCompare`, and for thousands of them many times as fast. */
export function inOrder(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
