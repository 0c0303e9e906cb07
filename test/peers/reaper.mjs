// Ends what a test process started when that process is gone, however it went (a SIGKILL runs no exit handler). It reads one JSON
// line per thing on stdin (`{"keep":"pid","value":123}`, `{"drop":…}`) and acts when stdin closes, which the kernel does for us.
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';

const pids = new Set();
const folders = new Set();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});

for await (const line of createInterface({ input: process.stdin })) {
  const { verb, kind, value } = JSON.parse(line);
  const set = kind === 'pid' ? pids : folders;
  if (verb === 'keep') set.add(value);
  else set.delete(value);
}
for (const pid of pids) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
