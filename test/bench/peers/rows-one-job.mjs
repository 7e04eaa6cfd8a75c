import { collectGarbage } from '../../../dist/cli/collect-garbage.js';
import { prepareRows, STORE } from '../shared/rows.mjs';

const timed = await prepareRows(STORE, 1, Number(process.argv[2]));
const start = process.hrtime.bigint();
const check = await timed();
process.stdout.write(JSON.stringify({ seconds: Number(process.hrtime.bigint() - start) / 1e9, check }));
collectGarbage();
