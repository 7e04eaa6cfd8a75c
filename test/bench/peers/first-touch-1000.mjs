// The same engine and flusher under 1,000 writes per second: argv[2] flushes (see cases/first-touch-flat.mjs).
import { collectGarbage } from '../../../dist/cli/collect-garbage.js';
import { preFlush } from '../shared/pre-flush.mjs';

const SERVICE_NS = 1_000_000;
const run = (flushes) => preFlush('first-touch', 1_000, SERVICE_NS, (flushes * SERVICE_NS) / 1e9).writes;

const flushes = Number(process.argv[2]);
run(Math.ceil(flushes / 10));
const start = process.hrtime.bigint();
const check = run(flushes);
process.stdout.write(JSON.stringify({ seconds: Number(process.hrtime.bigint() - start) / 1e9, check }));
collectGarbage();
