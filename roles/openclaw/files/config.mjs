// Keeps the fleet's part of OpenClaw's configuration. OpenClaw writes its own keys into the
// same file, so the part is merged: mappings key by key, null deletes,
// anything else replaces. What an earlier part had set and the new one lacks goes again.
//
//   config.mjs look          prints {"same", "onboarded"}: whether the part is in the live file
//   config.mjs check FILE    fails when OpenClaw refuses the live file with FILE merged in
//   config.mjs apply         merges the part in, if OpenClaw takes the result; prints changed or same
//   config.mjs back          puts the file back that the last `apply` replaced, and the part with it
//
// $OPENCLAW_CONFIG is the live file, $OPENCLAW_PART the part, $OPENCLAW_TOKEN a file with the
// gateway's token, which is in no part and in no argument, $OPENCLAW_BIN OpenClaw's program.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync, copyFileSync } from "node:fs";
import { createRequire } from "node:module";
import { isDeepStrictEqual } from "node:util";

const live = process.env.OPENCLAW_CONFIG;
const part = process.env.OPENCLAW_PART;
const tokenFile = process.env.OPENCLAW_TOKEN;
const program = realpathSync(process.env.OPENCLAW_BIN);
const before = `${live}.before-swarmctl`;
const partBefore = `${part}.before`;
const applied = `${part}.applied`;
const checked = `${part}.checked`;

const fail = (message) => {
  process.stderr.write(`${message}\n`);
  process.exit(1);
};

// People write JSON5 by hand, and OpenClaw brings a reader for it.
const parse = (text, name) => {
  let reader = JSON;
  try {
    reader = createRequire(program)("json5");
  } catch {
    // Without it, plain JSON is read.
  }
  try {
    return reader.parse(text);
  } catch (error) {
    return fail(`${name} can't be read: ${error.message}`);
  }
};
const isMap = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
const merge = (into, from) => {
  const result = { ...into };
  for (const [key, value] of Object.entries(from)) {
    if (value === null) delete result[key];
    else result[key] = isMap(value) ? merge(isMap(into[key]) ? into[key] : {}, value) : value;
  }
  return result;
};
// `into` without what `old` had set and `next` does not have, unless it was changed since.
const prune = (into, old, next) => {
  const result = { ...into };
  for (const [key, value] of Object.entries(old)) {
    if (!(key in into) || (key in next && !(isMap(value) && isMap(next[key])))) continue;
    if (isMap(value) && isMap(into[key])) {
      result[key] = prune(into[key], value, next[key] ?? {});
      if (!(key in next) && Object.keys(result[key]).length === 0) delete result[key];
    } else if (isDeepStrictEqual(into[key], value)) delete result[key];
  }
  return result;
};
const current = () => (existsSync(live) ? parse(readFileSync(live, "utf8"), live) : {});
const readPart = (file) => {
  const value = parse(readFileSync(file, "utf8"), file);
  return isMap(value) ? value : fail(`${file} is no JSON object`);
};
// The live configuration `now` with the part in `file` instead of the one applied last.
const withPart = (now, file) => {
  const next = readPart(file);
  const token = readFileSync(tokenFile, "utf8").trim();
  const pruned = existsSync(applied) ? prune(now, readPart(applied), next) : now;
  return merge(merge(pruned, next), { gateway: { auth: { mode: "token", token } } });
};
// What one version takes, another may refuse.
const digest = (text) => createHash("sha256").update(`${program}\n${text}`).digest("hex");

// Whether OpenClaw takes `text` as its configuration.
const check = (text) => {
  if (existsSync(checked) && readFileSync(checked, "utf8") === digest(text)) return;
  const candidate = `${live}.candidate`;
  writeFileSync(candidate, text, { mode: 0o600 });
  const result = spawnSync(process.execPath, [program, "config", "validate", "--json"], {
    env: { ...process.env, OPENCLAW_CONFIG_PATH: candidate },
    encoding: "utf8",
    timeout: 300_000,
  });
  rmSync(candidate, { force: true });
  if (result.status !== 0) {
    const said = `${result.stdout ?? ""}${result.stderr ?? ""}`.trim();
    fail(`OpenClaw refuses this configuration: ${said || result.error?.message || result.signal}`);
  }
  writeFileSync(checked, digest(text), { mode: 0o600 });
};
const text = (value) => `${JSON.stringify(value, null, 2)}\n`;

const now = process.argv[2] === "back" ? undefined : current();
switch (process.argv[2]) {
  case "look": {
    const same = existsSync(part) && isDeepStrictEqual(withPart(now, part), now);
    process.stdout.write(JSON.stringify({ same, onboarded: now.wizard?.lastRunAt !== undefined }));
    break;
  }
  case "check":
    check(text(withPart(now, process.argv[3])));
    break;
  case "apply": {
    const next = withPart(now, part);
    if (isDeepStrictEqual(next, now)) {
      process.stdout.write("same");
      break;
    }
    check(text(next));
    if (existsSync(live)) copyFileSync(live, before);
    writeFileSync(`${live}.new`, text(next), { mode: 0o600 });
    renameSync(`${live}.new`, live);
    if (existsSync(applied)) copyFileSync(applied, `${applied}.before`);
    copyFileSync(part, applied);
    process.stdout.write("changed");
    break;
  }
  case "back":
    if (!existsSync(before)) fail("there is no earlier configuration");
    renameSync(before, live);
    if (existsSync(partBefore)) renameSync(partBefore, part);
    if (existsSync(`${applied}.before`)) renameSync(`${applied}.before`, applied);
    break;
  default:
    fail("usage: config.mjs look|check FILE|apply|back");
}
