// A process that answers one command line after the other: each as a user's would be, but without a start of its own.
// The parent ends it when an answer does not come, or when it has answered so many that it is due for a fresh one.
import { commandLine } from '../../dist/cli/command-line.js';

const TEXT_MAX = 2 ** 20;

async function answer({ args, cwd }) {
  process.chdir(cwd);
  process.exitCode = undefined;
  const said = { stdout: '', stderr: '' };
  const before = process.cpuUsage();
  const writes = ['stdout', 'stderr'].map((name) => {
    const write = process[name].write;
    process[name].write = (text) => {
      if (said[name].length < TEXT_MAX) said[name] += text;
      return true;
    };
    return () => {
      process[name].write = write;
    };
  });
  await commandLine(args);
  for (const restore of writes) restore();
  const { user, system } = process.cpuUsage(before);
  return {
    code: Number(process.exitCode ?? 0),
    signal: null,
    ...said,
    cpuMs: (user + system) / 1000,
    rssMiB: process.resourceUsage().maxRSS / 1024,
  };
}

process.on('message', async (question) => process.send(await answer(question)));
// Signals end it as they end any process; what a command does about them is tried on real processes.
process.on('disconnect', () => process.exit());
