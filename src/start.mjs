// The entry of `npm start`. Plain JavaScript, so that an old Node can still read it and be told what is wrong.
const needed = 26;
const found = Number(process.versions.node.split('.')[0]);

if (found < needed) {
  process.stderr.write(
    `mlp-bot needs Node ${needed} and this is Node ${process.versions.node}. Run it as \`npm start\`: after \`npm ci\` that finds the Node ${needed} that comes with it.\n`,
  );
  process.exitCode = 1;
} else {
  if (process.env.npm_lifecycle_event !== undefined) endWith(process.ppid);
  if (process.env.MLP_CONFIG === undefined || process.env.MLP_CONFIG === '') {
    await import('./sandbox/main.ts');
  } else {
    const { start } = await import('./main.ts');
    await start().catch((error) => {
      process.stderr.write(`mlp-bot cannot start: ${error instanceof Error ? error.message : String(error)}\n`);
      process.exitCode = 1;
    });
  }
}

/** npm passes on what it is asked to end with; killed, it passes on nothing. Whoever has lost it ends too. */
function endWith(parent) {
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    process.kill(process.pid, 'SIGTERM');
  }, 300);
  watch.unref();
}
