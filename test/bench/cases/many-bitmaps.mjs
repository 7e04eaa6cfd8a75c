// Alike bitmaps cost what one does: replications of a question about 10,000 bitmaps against the same about one (the peer).
// The ratio is one of times: 1 is flat. What is left above it are the goes in which pre-flush writes alike bitmaps.
import { manyBitmaps } from '../shared/many-bitmaps.mjs';

export const benchmark = {
  name: 'many-bitmaps',
  unit: 'runs',
  ratio: 'time',
  repeats: 3,
  work: { full: 10, quick: 1 },
  prepare: (runs) => manyBitmaps(runs, 10_000),
  peers: [{ name: 'one bitmap', source: 'many-bitmaps-one.mjs' }],
};
