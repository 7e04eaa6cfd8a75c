import { collectGarbage } from '../../../dist/cli/collect-garbage.js';
import { prepareSweep } from '../shared/sweep.mjs';

const timed = await prepareSweep(1, Number(process.argv[2]));
const start = process.hrtime.bigint();
const check = await timed();
process.stdout.write(JSON.stringify({ seconds: Number(process.hrtime.bigint() - start) / 1e9, check }));
collectGarbage();
