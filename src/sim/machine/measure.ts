/** The list of metrics at work: counters at zero, and what follows at the end of a run. */
import {
  type Counters,
  METRICS,
  type MetricName,
  type MetricRow,
  type Metrics,
  type Pair,
  type RunEnd,
  type RunMetrics,
} from './metrics.js';

export const METRIC_NAMES = Object.keys(METRICS) as readonly MetricName[];

const ROWS: Readonly<Record<MetricName, MetricRow>> = METRICS;

/** The row of a metric, with what it may leave out. */
export function metricRow(name: MetricName): MetricRow {
  return ROWS[name];
}

/** Means in `ask --json` in the order in which other programs know them; metrics that came later follow these. */
export const ASK_ORDER: readonly MetricName[] = [
  'bytesWrittenRunning',
  'bytesWrittenStopped',
  'streamBytes',
  'clustersWritten',
  'storeWrites',
  'storeReads',
  'storePunches',
  'storeFlushes',
  'staleChunksAtStop',
  'guestSlowdown',
  'firstTouches',
  'bitsSetAtStop',
  'migrationNs',
  'bitmapReadyNs',
];

/** All counters at zero. */
export function noCounts(): Counters {
  const counted = METRIC_NAMES.filter((name) => metricRow(name).counted);
  return Object.fromEntries(counted.map((name) => [name, 0])) as Counters;
}

type Value = Metrics[keyof Metrics] | RunMetrics[keyof RunMetrics];

/**
 * All metrics at nothing. Every run begins with a copy of it and fills it in: an object that gets its keys one by one is
 * kept as a hash table, which costs more than all that is worked out here. (What JSON gives is not.)
 */
const NOTHING = JSON.parse(
  JSON.stringify(Object.fromEntries(METRIC_NAMES.map((name) => [name, 0]))),
) as Record<MetricName, Value>;

/** Fills in the metrics that have such a function: listed once, since every run asks for all of them. */
function functionsOf<Given>(
  pick: (row: MetricRow) => ((given: Given) => Value) | undefined,
): (given: Given, values: Record<MetricName, Value>) => void {
  const functions = METRIC_NAMES.flatMap((name) => {
    const value = pick(metricRow(name));
    return value ? [{ name, value }] : [];
  });
  return (given, values) => {
    for (const { name, value } of functions) values[name] = value(given);
  };
}

const fillMeasured = functionsOf<RunEnd>((row) => row.measured);
const fillCompared = functionsOf<Pair>((row) => row.compared);
const COUNTED = METRIC_NAMES.filter((name) => metricRow(name).counted) as readonly (keyof Counters)[];

/** What a run gives by itself. */
export function measured(end: RunEnd): Metrics {
  const values = { ...NOTHING };
  for (const name of COUNTED) values[name] = end.counters[name];
  fillMeasured(end, values);
  return values as Metrics;
}

/** The same with what the run without bitmaps tells of it. */
export function compared(pair: Pair): RunMetrics {
  // What a run gives by itself has the keys of all metrics (NOTHING), though its type does not say so.
  const values = { ...pair.own } as Record<MetricName, Value>;
  fillCompared(pair, values);
  return values as RunMetrics;
}

/**
 * The metrics of a run, each worked out when it is asked for: a file that has few columns costs few of them, and nothing is
 * made that is thrown away at once.
 */
class OnDemand {
  readonly end: RunEnd;
  readonly reference: OnDemand;
  readonly floorNs: number;
  readonly leastRamNs: number;

  constructor(end: RunEnd, beside: Pick<Pair, 'floorNs' | 'leastRamNs'>, reference?: OnDemand) {
    this.end = end;
    this.floorNs = beside.floorNs;
    this.leastRamNs = beside.leastRamNs;
    this.reference = reference ?? this;
  }

  get own(): OnDemand {
    return this;
  }
}

/** As it is used: it has every metric, by the getters below. */
type Demanded = OnDemand & RunMetrics & { readonly own: Metrics; readonly reference: Demanded };

for (const name of METRIC_NAMES) {
  const { measured: fromEnd, compared: fromPair } = metricRow(name);
  const get = fromEnd
    ? function (this: Demanded) {
        return fromEnd(this.end);
      }
    : fromPair
      ? function (this: Demanded) {
          return fromPair(this);
        }
      : function (this: Demanded) {
          return this.end.counters[name as keyof Counters];
        };
  Object.defineProperty(OnDemand.prototype, name, { get });
}

/** The same as `measured` and `compared` together, for a reader who asks at once; `reference`: left out, it is the run itself. */
export function onDemand(
  end: RunEnd,
  beside: Pick<Pair, 'floorNs' | 'leastRamNs'>,
  reference?: RunMetrics,
): RunMetrics {
  return new OnDemand(end, beside, reference as Demanded | undefined) as Demanded;
}
