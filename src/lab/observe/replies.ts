/** What is read of each reply, and that it is there: QEMU's schema (qapi/*.json) as far as it is needed. */
import { z } from 'zod';
import { InputError } from '../../base/errors.js';
import { treeOf } from '../../base/tree.js';
import { schemaError } from '../../input/schema/errors.js';
import type { Asked } from './commands.js';
import type { Sample } from './recording.js';

const count = z.number().int().nonnegative();
/** Latencies in ns: bins[i] holds those below boundaries[i], the last one the rest. */
const HISTOGRAM = z.looseObject({ boundaries: z.array(z.number()), bins: z.array(count) });

const STATS = z.looseObject({
  wr_operations: count,
  wr_bytes: count,
  wr_total_time_ns: count,
  rd_operations: count,
  rd_bytes: count,
  rd_total_time_ns: count,
  flush_operations: count,
  flush_total_time_ns: count,
  unmap_operations: count.default(0),
  unmap_bytes: count.default(0),
  unmap_total_time_ns: count.default(0),
  wr_latency_histogram: HISTOGRAM.optional(),
  rd_latency_histogram: HISTOGRAM.optional(),
  flush_latency_histogram: HISTOGRAM.optional(),
});
export type Stats = z.infer<typeof STATS>;

/** A node and those below it: `parent` is what QEMU calls the child that data goes to, `backing` is the image under it. */
const CHAIN = z.looseObject({
  'node-name': z.string().optional(),
  get parent() {
    return CHAIN.optional();
  },
  get backing() {
    return CHAIN.optional();
  },
});
export type Chain = z.infer<typeof CHAIN>;

const NODE = z.looseObject({
  'node-name': z.string(),
  drv: z.string(),
  file: z.string(),
  ro: z.boolean(),
  image: z.looseObject({ 'actual-size': count.optional() }),
  cache: z.looseObject({ direct: z.boolean(), 'no-flush': z.boolean() }),
});
export type Node = z.infer<typeof NODE>;

const REPLIES = {
  'query-version': z.looseObject({ qemu: z.looseObject({ major: count, minor: count, micro: count }) }),
  'query-name': z.looseObject({ name: z.string().optional() }),
  'query-cpus-fast': z.array(z.looseObject({})),
  'query-memory-size-summary': z.looseObject({ 'base-memory': count, 'plugged-memory': count.optional() }),
  'query-migrate-parameters': z.looseObject({
    'downtime-limit': count,
    'max-bandwidth': count,
    'avail-switchover-bandwidth': count.optional(),
  }),
  'query-migrate-capabilities': z.array(z.looseObject({ capability: z.string(), state: z.boolean() })),
  'query-uuid': z.looseObject({ UUID: z.string() }),
  'query-status': z.looseObject({ status: z.string(), running: z.boolean() }),
  'query-block': z.array(z.looseObject({ device: z.string(), 'io-status': z.string().optional() })),
  'query-named-block-nodes': z.array(NODE),
  'query-blockstats': z.array(
    CHAIN.extend({ device: z.string().optional(), qdev: z.string().optional(), stats: STATS }),
  ),
  'query-dirty-rate': z.looseObject({
    status: z.string(),
    'dirty-rate': z.number().optional(),
    'calc-time': count,
  }),
} as const satisfies Readonly<Record<Asked, z.ZodType>>;

type ReplyTo<C extends Asked> = z.infer<(typeof REPLIES)[C]>;

/** What the sample says to a command; undefined where it was not asked, or QEMU knows no such command. */
export function replyIfAny<C extends Asked>(
  sample: Sample,
  command: C,
  where: string,
): ReplyTo<C> | undefined {
  const reply = sample.replies.get(command);
  if (reply === undefined || !('return' in reply)) return undefined;
  const read = REPLIES[command].safeParse(reply.return);
  if (read.success) return read.data as ReplyTo<C>;
  throw schemaError(read.error, `${where}: ${command}`);
}

/** What the sample says to a command; InputError where QEMU refused it. */
export function replyTo<C extends Asked>(sample: Sample, command: C, where: string): ReplyTo<C> {
  const found = replyIfAny(sample, command, where);
  if (found !== undefined) return found;
  const { desc } = treeOf(sample.replies.get(command)?.error);
  throw new InputError(`${where}: ${command}: ${typeof desc === 'string' ? desc : 'no answer'}`);
}
