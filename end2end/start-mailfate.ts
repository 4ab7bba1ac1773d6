// Starts `mailfate demo` on a free port with data of its own before the first test, and ends it
// after the last. The address and the sign-ins come from the file that the demo writes when ready.
import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const checkout = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const startSeconds = 120;
const stopSeconds = 20;

export default async function startMailfate(): Promise<() => Promise<void>> {
  const program = process.env.MAILFATE_BIN;
  if (!program || !existsSync(program)) {
    throw new Error(`MAILFATE_BIN must name the built program mailfate (it is: ${program}); run "make end2end"`);
  }
  const folder = mkdtempSync(join(tmpdir(), 'mailfate-end2end-'));
  // Started as root, the demo runs PostgreSQL as another user, who must get to its data.
  chmodSync(folder, 0o755);
  const readyFile = join(folder, 'ready.json');
  const output = join(folder, 'output.log');
  const outputFile = openSync(output, 'w');
  const server = spawn(
    program,
    ['demo', '--port', '0', '--data-dir', join(folder, 'data'), '--ready-file', readyFile],
    { cwd: checkout, stdio: ['ignore', outputFile, outputFile] },
  );

  const fail = (what: string) =>
    new Error(`${what}. What it said (${output}):\n${readFileSync(output, 'utf8').slice(-4000)}`);
  try {
    const ready = await waitForReadyFile(server, readyFile, fail);
    // Worker processes are started later and inherit these.
    process.env.MAILFATE_URL = ready.url;
    process.env.MAILFATE_READY = JSON.stringify(ready);
  } catch (error) {
    server.kill('SIGKILL');
    throw error;
  }

  return async () => {
    const ended = await stop(server);
    if (!ended) throw fail(`mailfate demo was still running ${stopSeconds} s after SIGTERM`);
    // A failed run keeps its server's log for the reader.
    if (server.exitCode === 0) rmSync(folder, { recursive: true, force: true });
    else throw fail(`mailfate demo ended with ${server.exitCode ?? server.signalCode}`);
  };
}

async function waitForReadyFile(server: ChildProcess, readyFile: string, fail: (what: string) => Error) {
  for (let tenths = 0; tenths < startSeconds * 10; tenths++) {
    if (server.exitCode !== null) throw fail(`mailfate demo ended with ${server.exitCode} before it was ready`);
    if (existsSync(readyFile)) {
      try {
        return JSON.parse(readFileSync(readyFile, 'utf8'));
      } catch {
        // Half written; whole at the next look.
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw fail(`mailfate demo was not ready within ${startSeconds} s`);
}

async function stop(server: ChildProcess): Promise<boolean> {
  const exit = new Promise<boolean>((resolve) => server.once('exit', () => resolve(true)));
  if (server.exitCode !== null || server.signalCode !== null) return true;
  server.kill('SIGTERM');
  const patience = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), stopSeconds * 1000).unref());
  const ended = await Promise.race([exit, patience]);
  if (!ended) server.kill('SIGKILL');
  return ended;
}
