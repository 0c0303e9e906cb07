// `npm run peers [name…]` builds or installs the real systems that the tests run against; `npm run peers -- --list` shows what is
// there. Go modules are pinned by the go.mod and go.sum in this folder and built into `.peers/bin`; a build is done again only
// when they, the flags or the Go version change.
import { execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { findBinary, missingBinaries, moduleFolder, peers, peersFolder } from "./catalogue.mjs";

const run = promisify(execFile);
const say = (line) => process.stdout.write(`${line}\n`);
const binFolder = join(peersFolder, "bin");
const goFlags = ["-mod=readonly", "-trimpath", "-buildvcs=false", "-p=2"];
const goEnvironment = { ...process.env, CGO_ENABLED: "0", GOFLAGS: "" };
// From 1.21 on, Go fetches the newer toolchain that a go.mod asks for by itself.
const oldestGo = [1, 21];

/** Something that the person at the keyboard must do first; its message is all that they need. */
class Missing extends Error {}

async function main(words) {
  if (words.includes("--list")) return list();
  const unknown = words.filter((word) => !(word in peers));
  if (unknown.length > 0) throw new Missing(`no peer is called ${unknown.join(", ")}; there are ${Object.keys(peers).join(", ")}`);
  const names = words.length > 0 ? words : Object.keys(peers);
  const problems = [];
  for (const name of names) {
    try {
      await (peers[name].go ? build(name) : peers[name].pip ? installPython(name) : install(name));
    } catch (error) {
      if (!(error instanceof Missing)) throw error;
      problems.push(`${name}: ${error.message}`);
    }
  }
  if (problems.length > 0) throw new Missing(problems.join("\n"));
}

function list() {
  for (const [name, peer] of Object.entries(peers)) {
    const missing = missingBinaries(name);
    say(`${missing.length === 0 ? "there  " : "missing"}  ${name.padEnd(14)} ${peer.what}`);
    for (const binary of peer.binaries) {
      const path = findBinary(name, binary);
      if (path !== undefined) say(`         ${"".padEnd(14)} ${path}`);
    }
    if (missing.length > 0) say(`         ${"".padEnd(14)} not found: ${missing.join(", ")}; npm run peers ${name}`);
  }
}

async function build(name) {
  const folder = moduleFolder(name);
  const go = await findGo(folder);
  const { packages, tags, ldflags } = peers[name].go;
  const flags = [...goFlags, ...(tags === "" ? [] : ["-tags", tags]), "-ldflags", `-s -w ${ldflags}`.trim()];
  const digest = createHash("sha256");
  for (const file of ["go.mod", "go.sum"]) digest.update(readFileSync(join(folder, file)));
  digest.update(JSON.stringify([flags, packages, go.version, process.platform, process.arch]));
  const wanted = digest.digest("hex");
  const stampPath = join(binFolder, `.${name}.sha256`);
  const built = Object.keys(packages).every((binary) => existsSync(join(binFolder, binary)));
  if (built && existsSync(stampPath) && readFileSync(stampPath, "utf8") === wanted) return say(`${name}: up to date`);

  mkdirSync(binFolder, { recursive: true });
  const total = Object.keys(packages).length;
  for (const [index, [binary, path]] of Object.entries(packages).entries()) {
    say(`${name}: building ${binary} (${index + 1} of ${total}) from ${path}`);
    const started = Date.now();
    // Built beside its place and renamed, so that an interrupted build never leaves half a binary under the name that tests look for.
    const half = join(binFolder, `.${binary}.building`);
    await goBuild(name, go.command, ["build", ...flags, "-o", half, path], folder);
    renameSync(half, join(binFolder, binary));
    say(`${name}: ${binary} took ${Math.round((Date.now() - started) / 1000)} s`);
  }
  writeFileSync(stampPath, wanted);
}

function goBuild(name, command, args, cwd) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: goEnvironment, stdio: ["ignore", "pipe", "pipe"] });
    let tail = "";
    const keep = (chunk) => (tail = (tail + chunk).slice(-4000));
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    const started = Date.now();
    const ticking = setInterval(() => say(`${name}: still building, ${Math.round((Date.now() - started) / 1000)} s`), 60_000);
    child.on("error", reject);
    child.on("close", (code) => {
      clearInterval(ticking);
      if (code === 0) resolve();
      else reject(new Missing(`go ${args[0]} ended with ${code}; its last words:\n${tail}`));
    });
  });
}

/** The Go that will build in this folder: its command and its version. */
async function findGo(folder) {
  const reason = `Go ${oldestGo.join(".")} or newer is needed to build it (https://go.dev/dl)`;
  let newest = "";
  for (const command of ["go", "/usr/local/go/bin/go"]) {
    try {
      const { stdout } = await run(command, ["env", "GOVERSION"], { cwd: folder, env: goEnvironment, timeout: 300_000 });
      const version = stdout.trim();
      const [, major, minor] = /^go(\d+)\.(\d+)/.exec(version) ?? [];
      if (Number(major) > oldestGo[0] || (Number(major) === oldestGo[0] && Number(minor) >= oldestGo[1])) return { command, version };
      newest = `; ${command} is ${version}`;
    } catch {
      // Not there, or too old to read the go.mod; perhaps the other one will do.
    }
  }
  throw new Missing(`${reason}${newest}`);
}

/** Into a virtual environment of its own: nothing of the system's Python is touched. */
async function installPython(name) {
  if (missingBinaries(name).length === 0) return say(`${name}: there (${findBinary(name, peers[name].binaries[0])})`);
  const folder = join(peersFolder, name);
  const packageName = peers[name].pip;
  say(`${name}: pip install ${packageName}`);
  try {
    await run("python3", ["-m", "venv", folder], { timeout: 120_000 });
    await run(join(folder, "bin", "pip"), ["install", "--quiet", packageName], { timeout: 10 * 60_000, maxBuffer: 64 * 1024 * 1024 });
  } catch (error) {
    throw new Missing(`Python 3 with venv and pip is needed: ${String(error.stderr || error.message).slice(-1000)}`);
  }
  const missing = missingBinaries(name);
  if (missing.length > 0) throw new Missing(`${packageName} is installed, but there is still no ${missing.join(", ")}`);
  say(`${name}: installed`);
}

async function install(name) {
  if (missingBinaries(name).length === 0) return say(`${name}: there (${findBinary(name, peers[name].binaries[0])})`);
  const packageName = peers[name].apt;
  const byHand = `install it with your package manager; on Debian: apt-get install ${packageName}`;
  if (process.getuid?.() !== 0) throw new Missing(`${byHand} (as root)`);
  if (!existsSync("/etc/debian_version")) throw new Missing(byHand);
  say(`${name}: apt-get install ${packageName}`);
  const options = {
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    maxBuffer: 64 * 1024 * 1024,
    timeout: 15 * 60_000,
  };
  try {
    await run("apt-get", ["update", "-q"], options);
    await run("apt-get", ["install", "-y", "-q", "--no-install-recommends", packageName], options);
  } catch (error) {
    throw new Missing(`apt-get failed: ${String(error.stderr ?? error.message).slice(-1000)}`);
  }
  const missing = missingBinaries(name);
  if (missing.length > 0) throw new Missing(`${packageName} is installed, but there is still no ${missing.join(", ")}`);
  say(`${name}: installed`);
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof Missing)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
