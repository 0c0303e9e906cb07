/**
 * Loaded into the bot with `--import`: when the sandbox is gone, even by SIGKILL, its end of this pipe closes, and the bot ends too
 * instead of holding its database for ever.
 */
process.stdin.on('end', () => process.kill(process.pid, 'SIGTERM'));
process.stdin.on('error', () => process.kill(process.pid, 'SIGTERM'));
process.stdin.resume();
// The pipe alone is no reason to stay alive.
(process.stdin as unknown as { unref?: () => void }).unref?.();
