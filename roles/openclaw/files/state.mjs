// Saves OpenClaw's state for the case that an update has to go back, and puts it back.
//
//   state.mjs save STATE SNAPSHOT     while the gateway runs: databases by SQLite's own backup
//   state.mjs restore STATE SNAPSHOT  while it does not: what came since is removed
//
// Left alone by both: what can be fetched again, and the agents' workspaces.
import {
  chmodSync, constants, copyFileSync, existsSync, lstatSync, mkdirSync, readdirSync, readlinkSync, renameSync, rmSync,
  symlinkSync, utimesSync,
} from "node:fs";
import { dirname, join } from "node:path";
import * as sqlite from "node:sqlite";

const [verb, state, snapshot] = process.argv.slice(2);
const leftAlone = /^(npm|git|dev|tools|tmp|cache|logs|workspace.*)$/;
const database = /\.(sqlite|sqlite3|db)$/;
const besideDatabase = /\.(sqlite|sqlite3|db)-(wal|shm|journal)$/;

// Every entry below `root`, parents first, as [relative path, its lstat].
function* entries(root, below = "") {
  for (const name of readdirSync(join(root, below)).sort()) {
    if ((below === "" && leftAlone.test(name)) || name === "node_modules") continue;
    const relative = join(below, name);
    const about = lstatSync(join(root, relative), { throwIfNoEntry: false });
    if (about === undefined) continue;
    yield [relative, about];
    if (about.isDirectory()) yield* entries(root, relative);
  }
}

const copyFile = (from, to, about) => {
  copyFileSync(from, to, constants.COPYFILE_FICLONE);
  chmodSync(to, about.mode & 0o7777);
  utimesSync(to, about.atime, about.mtime);
};
const copyDatabase = async (from, to) => {
  const source = new sqlite.DatabaseSync(from, { readOnly: true });
  try {
    source.exec("PRAGMA busy_timeout = 30000");
    if (sqlite.backup) await sqlite.backup(source, to);
    else source.exec(`VACUUM INTO '${to.replaceAll("'", "''")}'`);
  } finally {
    source.close();
  }
  const copy = new sqlite.DatabaseSync(to, { readOnly: true });
  const answer = Object.values(copy.prepare("PRAGMA quick_check(1)").get())[0];
  copy.close();
  if (answer !== "ok") throw new Error(`the copy of ${from} is damaged: ${answer}`);
};
const isDatabase = (path, about) => database.test(path) && about.isFile() && about.size > 0;

async function save() {
  const part = `${snapshot}.part`;
  rmSync(part, { recursive: true, force: true });
  mkdirSync(part, { recursive: true, mode: 0o700 });
  for (const [relative, about] of entries(state)) {
    const [from, to] = [join(state, relative), join(part, relative)];
    if (besideDatabase.test(relative)) continue;
    try {
      if (about.isDirectory()) mkdirSync(to, { mode: 0o700 | (about.mode & 0o7777) });
      else if (about.isSymbolicLink()) symlinkSync(readlinkSync(from), to);
      else if (isDatabase(relative, about)) {
        await copyDatabase(from, to);
        chmodSync(to, about.mode & 0o7777);
      } else if (about.isFile()) copyFile(from, to, about);
    } catch (error) {
      // A file that went away in between is part of no state.
      if (error.code !== "ENOENT" || existsSync(from)) throw error;
    }
  }
  rmSync(snapshot, { recursive: true, force: true });
  renameSync(part, snapshot);
}

function restore() {
  if (!existsSync(snapshot)) throw new Error(`there is no snapshot ${snapshot}`);
  for (const [relative, about] of [...entries(state)].reverse()) {
    const kept = lstatSync(join(snapshot, relative), { throwIfNoEntry: false });
    if (kept === undefined || kept.isDirectory() !== about.isDirectory()) {
      rmSync(join(state, relative), { recursive: true, force: true });
    }
  }
  for (const [relative, about] of entries(snapshot)) {
    const [from, to] = [join(snapshot, relative), join(state, relative)];
    mkdirSync(dirname(to), { recursive: true });
    if (about.isDirectory()) mkdirSync(to, { recursive: true, mode: about.mode & 0o7777 });
    else if (about.isSymbolicLink()) {
      rmSync(to, { force: true });
      symlinkSync(readlinkSync(from), to);
    } else {
      for (const suffix of ["-wal", "-shm", "-journal"]) if (database.test(relative)) rmSync(to + suffix, { force: true });
      copyFile(from, `${to}.restored`, about);
      renameSync(`${to}.restored`, to);
    }
  }
}

if (!state || !snapshot || !["save", "restore"].includes(verb)) {
  process.stderr.write("usage: state.mjs save|restore STATE SNAPSHOT\n");
  process.exit(2);
}
await (verb === "save" ? save() : restore());
