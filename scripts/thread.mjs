// The numbers of docs/thread.md: every claim with the commands that test it and what they say. Without arguments the
// blocks of the file are written anew; with --check (test/cli/thread.slow.test.ts) they are compared.
import { readFileSync, writeFileSync } from 'node:fs';
import { commandLine } from '../dist/cli/command-line.js';

const FILE = 'docs/thread.md';

/** What a command prints, all of them in this process: to start and warm up one for each takes as long again. */
async function stopgap(command) {
  const [write, complain] = [process.stdout.write, process.stderr.write];
  let printed = '';
  process.stdout.write = (text) => {
    printed += text;
    return true;
  };
  // Notes, which docs/thread.md does not repeat; an error is thrown where there is no answer.
  process.stderr.write = () => true;
  try {
    await commandLine([...command.split(' ').slice(1), '--json']);
  } finally {
    process.stdout.write = write;
    process.stderr.write = complain;
    process.exitCode = undefined;
  }
  return JSON.parse(printed);
}

const time = (ms) => {
  const [value, unit] = ms < 1000 ? [ms, 'ms'] : [ms / 1000, 's'];
  return `${value >= 100 ? Math.round(value) : Number(value.toPrecision(2))} ${unit}`;
};
const find = ({ strategies }, name) =>
  strategies.find(({ strategy, variant }) => name === strategy || name === variant);
const stop = (answer, name) => {
  const { downtime_ms, source_downtime_ms, state, reason } = find(answer, name);
  if (state === 'not-converged') return `never stops: ${reason}`;
  return `${time(downtime_ms.mean)} for the guest, ${time(source_downtime_ms.mean)} of it at the source`;
};

const next = ({ backup_live, backup_after_boot }) =>
  `${backup_live ?? 'none'} at once, ${backup_after_boot} after a restart`;
const cellOf = ({ cells }, outcome, name) =>
  cells.find(
    (cell) =>
      cell.outcome === outcome &&
      cell.persistent &&
      cell.history === 'stored' &&
      (cell.strategy === name || cell.variant === name),
  );
const backups = (answer, outcome) =>
  `storing: ${next(cellOf(answer, outcome, 'store-at-stop'))}; streaming: ${next(cellOf(answer, outcome, 'stream'))}`;

/** Over the failures that both can meet. */
function tally(answer) {
  const outcomes = [...new Set(answer.cells.map((cell) => cell.outcome))].filter(
    (name) => !/^ok-|^dst-lacks-cap/.test(name),
  );
  const both = outcomes.filter(
    (name) => cellOf(answer, name, 'store-at-stop') && cellOf(answer, name, 'stream'),
  );
  const count = (name, word) =>
    both.filter((outcome) => {
      const cell = cellOf(answer, outcome, name);
      return [cell.backup_live, cell.backup_after_boot].includes(word);
    }).length;
  const say = (name) => `${count(name, 'full')} cost a full backup, ${count(name, 'wrong')} a wrong one`;
  return `of ${both.length} failures, storing: ${say('store-at-stop')}; streaming: ${say('stream')}`;
}

const ask = (rest) => `stopgap ask --disk 16T --flush-latency 1ms --replications 4 ${rest}`;
const outcomes = (rest = '') =>
  `stopgap outcomes --disk 16T --dirty 50% --workload idle --flush-latency 1ms --replications 1${rest}`;
const guest = '--dirty 50% --workload idle --pattern uniform --footprint 100%';

const CLAIMS = {
  1: [
    [outcomes(), (a) => `\`dst-dies-preswitch\`: ${backups(a, 'dst-dies-preswitch')}`],
    [outcomes(), (a) => `\`dst-dies-unactivated-kill\`: ${backups(a, 'dst-dies-unactivated-kill')}`],
  ],
  2: [
    [
      ask('--dirty 50% --workload idle --strategy store-at-stop'),
      (a) => `storing: ${stop(a, 'store-at-stop')}`,
    ],
    [
      ask('--dirty 50% --workload idle --strategy dont-store/stream --qemu fixed'),
      (a) => `streaming, pending counted right: ${stop(a, 'stream')}`,
    ],
    [outcomes(), tally],
    [outcomes(' --qemu fixed'), tally],
    [
      outcomes(' --failure-probability cancel-quit=2%'),
      ({ costs }) => {
        const { downtime_ms_per_full_backup: ms } = costs.exchange.find(
          ({ spares, than }) => spares === 'store-at-stop' && than === 'dont-store/postcopy',
        );
        return `if 2 of 100 are cancelled, storing pays ${time(ms)} of downtime for each full backup that streaming (postcopy) costs`;
      },
    ],
  ],
  3: [
    ...['1 --flush-latency 0.1ms', '1 --flush-latency 1ms', '4 --flush-latency 1ms'].map((rest) => [
      `stopgap ask --disk 16T --dirty 100% --workload idle --replications 1 --strategy store-at-stop --bitmaps ${rest}`,
      (a) => `${a.question.all_bitmaps_bytes / 2 ** 20} MiB: ${stop(a, 'store-at-stop')}`,
    ]),
    [
      'stopgap ask --disk 16T --dirty 100% --workload idle --replications 1 --strategy store-at-stop --flush-latency 1ms --flush-bandwidth 1GiB/s',
      (a) => `32 MiB at 1 GiB/s would be 31 ms: ${stop(a, 'store-at-stop')}`,
    ],
    [
      'stopgap ask --disk 16T --dirty 100% --workload idle --replications 1 --strategy store-at-stop --flush-latency 1ms --discard off',
      (a) => `no holes punched: ${stop(a, 'store-at-stop')}`,
    ],
  ],
  4: [0, 1800, 4000].map((iops) => [
    ask(`${guest} --strategy store-at-stop pre-flush --pending off --write-iops ${iops}`),
    (a) =>
      `storing ${stop(a, 'store-at-stop')}; flushed before ${stop(a, 'pre-flush')}, ` +
      `${Math.round(find(a, 'pre-flush').stale_chunks_at_stop)} chunks left`,
  ]),
  5: [
    [
      'stopgap ask --disk 1T --dirty 50% --workload idle --replications 1 --strategy dont-store/stream',
      (a) => `streaming ${stop(a, 'stream')}`,
    ],
    ...['10ms 1800 off', '10ms 1800 on', '30ms 1800 on', '100ms 4000 off', '100ms 4000 on'].map((each) => {
      const [limit, iops, pending] = each.split(' ');
      return [
        ask(
          `${guest} --strategy pre-flush --write-iops ${iops} --downtime-limit ${limit} --pending ${pending}`,
        ),
        (a) => `pending ${pending}, limit ${limit}: ${stop(a, 'pre-flush')}`,
      ];
    }),
  ],
  6: [
    ...['dst-dies-preswitch', 'cancel-quit', 'two-masters-kill'].map((outcome) => [
      outcomes(),
      (a) =>
        `\`${outcome}\`: source memory ${cellOf(a, outcome, 'stream').source} with streaming; ${backups(a, outcome)}`,
    ]),
    [outcomes(' --qemu fixed'), (a) => `\`two-masters-kill\`: ${backups(a, 'two-masters-kill')}`],
  ],
};

const answers = new Map();
for (const [command] of Object.values(CLAIMS).flat())
  if (!answers.has(command)) answers.set(command, await stopgap(command));

function block(rows) {
  const commands = [...new Set(rows.map(([command]) => command))];
  return commands
    .map((command) => {
      const said = rows
        .filter(([each]) => each === command)
        .map(([, say]) => `- ${say(answers.get(command))}`);
      return `    ${command}\n\n${said.join('\n')}\n`;
    })
    .join('\n');
}

const before = readFileSync(FILE, 'utf8');
let after = before;
for (const [number, rows] of Object.entries(CLAIMS)) {
  const place = new RegExp(`(<!-- claim-${number}:begin -->\n\n)[\\s\\S]*?(\n<!-- claim-${number}:end -->)`);
  if (!place.test(after)) throw new Error(`${FILE}: no block claim-${number}`);
  after = after.replace(place, (_, begin, end) => begin + block(rows) + end);
}
if (process.argv[2] !== '--check') writeFileSync(FILE, after);
else if (after !== before) {
  const lines = before.split('\n');
  const changed = after.split('\n').filter((line) => !lines.includes(line));
  process.stderr.write(`${FILE} says otherwise (npm run readme refreshes it):\n${changed.join('\n')}\n`);
  process.exitCode = 1;
}
