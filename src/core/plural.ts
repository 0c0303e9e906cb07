/** "1 pod", "1,200 pods": a count and what is counted, never "1 pods". */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`;
}
