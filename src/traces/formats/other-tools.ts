/**
 * What other tools print about requests, told from its look. None of it is read; each error names the nearest thing that
 * works and the command that makes it.
 */
import type { TraceFormat, TraceHead } from '../format.js';

const BLKTRACE =
  'record with blktrace, which is read: blktrace -d /dev/DISK -w 60 -o - | blkparse -i - >trace.txt';
const RATES = 'it has sums and no requests; give the rate itself: stopgap ask --write-iops';
/** Signs must stand in the first lines: further down they may be the name of a process. */
const LINES = 20;

/** A format that is told by one of its first lines and refused. */
function refusing(name: string, look: RegExp, what: string): TraceFormat {
  return {
    name,
    summary: `${name} (refused)`,
    detect: (head: TraceHead) => head.lines.slice(0, LINES).some((line) => look.test(line)),
    refused: what,
  };
}

/** Begins a binary file of QEMU's backend `simple` (scripts/simpletrace.py: HEADER_MAGIC), in its second 8 bytes. */
const SIMPLE_MAGIC = [0xb4, 0x29, 0xa4, 0x0a, 0xcb, 0x77, 0xb1, 0xf2];
const QEMU_LOG =
  "QEMU's log backend is read: start QEMU with -msg timestamp=on -trace enable=blk_co_pwritev,file=qemu.log (built with --enable-trace-backends=log, as distributions do)";

const simpleBinary: TraceFormat = {
  name: 'simpletrace',
  summary: "a binary trace of QEMU's backend simple (refused)",
  detect: ({ bytes }) => SIMPLE_MAGIC.every((byte, i) => bytes[8 + i] === byte),
  refused: `a binary trace of QEMU's backend "simple", which only its own QEMU build can decode; ${QEMU_LOG}`,
};

export const OTHER_TOOLS: readonly TraceFormat[] = [
  simpleBinary,
  refusing(
    'simpletrace-text',
    /^blk_co_p(?:write|read)v \d+\.\d+ pid=\d+ /,
    `printed by QEMU's simpletrace.py, whose times are gaps since the event before; ${QEMU_LOG}`,
  ),
  refusing(
    'ftrace',
    /\bblock_(?:rq|bio)_\w+: |^# tracer: /,
    `block events of ftrace, perf or trace-cmd, which name only issue or completion and no queueing; ${BLKTRACE}`,
  ),
  refusing(
    'biosnoop',
    /^TIME(?:\(s\))?\s+COMM\s+PID\s+DISK\s+T\s+SECTOR\s+BYTES/,
    'printed by biosnoop, whose columns a header in units can name: ' +
      `awk 'NR==1{print "time_s,op,offset_sectors,length_bytes,device";next}{print $1","$(NF-3)","$(NF-2)","$(NF-1)","$(NF-4)}' FILE >trace.csv ` +
      '(its times are those of the end of a request)',
  ),
  refusing(
    'iostat',
    /^Device:?\s+.*\b(?:r\/s|tps)\b/,
    `printed by iostat: ${RATES} W/S --write-size WAREQ-SZ, with the columns w/s and wareq-sz`,
  ),
  refusing(
    'domstats',
    /^\s*block\.\d+\.(?:name|wr\.reqs)=|^\S+ wr_req \d+$/,
    `printed by virsh domstats or domblkstat: ${RATES} N, the difference of wr.reqs of two samples over the seconds between them`,
  ),
  refusing(
    'diskstats',
    /^\s*\d+\s+\d+\s+(?:sd|vd|nvme|dm-|xvd|md|loop)\S*\s+\d+\s+\d+\s+\d+\s+\d+\s+\d+\s+\d+/,
    `a copy of /proc/diskstats: ${RATES} N, the difference of its 8th column over the seconds between two samples`,
  ),
  refusing(
    'fio-log',
    /^\d+, ?\d+, ?[0-3], ?\d+(?:, ?\d+)+$/,
    "fio's log of latencies (write_lat_log), whose times are those of the end of a request in ms; record with --write_iolog=FILE (fio 3.31 or later), or give the log to --storage",
  ),
];

/**
 * blkparse with -f: a time of nine digits and a letter of an action, in an order that nothing names; or a device number
 * directly before a time. Asked after blkparse's own form.
 */
export const blkparseCustom: TraceFormat = {
  name: 'blkparse-f',
  summary: 'blkparse text printed with -f (refused: columns unknown)',
  detect: ({ lines }) =>
    lines.some((line) => /^\s*(?:Reads|Writes) Queued:|^Input file .* added$/.test(line)) ||
    lines
      .slice(0, LINES)
      .some(
        (line) =>
          /^\s*\d+,\d+\s+\d+\.\d+\s/.test(line) ||
          (/(?:^|[\s,;])\d+\.\d{9}(?=[\s,;])/.test(line) && /(?:^|[\s,;])[QGIDC](?=[\s,;])/.test(line)),
      ),
  refused:
    'printed by blkparse with -f, and nothing says which column is which: print it again without -f (blkparse -i NAME >trace.txt)',
};
