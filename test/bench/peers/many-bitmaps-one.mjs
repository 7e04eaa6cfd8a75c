// The same question about one bitmap: argv[2] replications (see cases/many-bitmaps.mjs).
import { collectGarbage } from '../../../dist/cli/collect-garbage.js';
import { manyBitmaps } from '../shared/many-bitmaps.mjs';

const runs = Number(process.argv[2]);
(await manyBitmaps(Math.ceil(runs / 10), 1))();
const timed = await manyBitmaps(runs, 1);
const start = process.hrtime.bigint();
const check = timed();
process.stdout.write(JSON.stringify({ seconds: Number(process.hrtime.bigint() - start) / 1e9, check }));
collectGarbage();
