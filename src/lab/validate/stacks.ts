/**
 * What real QEMU made of stacks (`measure --stacks`): for each cell the way of the bitmap, whether the guest was ever stopped,
 * and the limit at the end, against the model's pre-copy with the same knobs. A play agrees in all three or not; a cell
 * that was played several times agrees where most of its plays do.
 */
import { InputError } from '../../base/errors.js';
import { MARK_BYTES } from '../../sim/migration/ram-flow.js';
import { PAGE_WIRE_BYTES } from '../../sim/migration/ram-wire.js';
import { bitmapBits } from '../../sim/qcow2/geometry.js';
import type { HostSpec } from '../../sim/scenario.js';
import { PAYLOAD_SHARE } from '../ram/wire.js';
import { migrationFrom } from '../stacks/knobs.js';
import type { Route } from '../stacks/route.js';
import type { ValidationKind } from './kind.js';
import { measuredPrecopy } from './measured-precopy.js';
import { qemuOf } from './row-qemu.js';
import { groupBy, type MeasuredRow } from './rows.js';

interface CellRow {
  readonly config: string;
  readonly stack: string;
  readonly measured: Ending;
  readonly predicted: Ending;
  readonly agrees: boolean;
}

interface Ending {
  readonly converged: boolean;
  /** Null where the guest is never stopped. */
  readonly route: Route | null;
  readonly final_limit_ms: number;
}

const PAGE_BYTES = 4096;

export const stacksKind: ValidationKind = {
  name: 'stacks',
  columns: ['stack', 'guest', 'route', 'final_limit_ms'],
  validate({ rows }, options) {
    const host = options.host === 'auto' ? options.prior : options.host;
    const judged = rows.map((row) => judge(row, host));
    const wrong = judged.filter(({ agrees }) => !agrees);
    const cells = [...groupBy(judged, ({ config }) => config).values()];
    const wrongCells = cells.filter(differs);
    const right = (key: keyof Ending): number =>
      judged.filter(({ measured, predicted }) => measured[key] === predicted[key]).length;
    return {
      json: {
        n: judged.length,
        cells: cells.length,
        cell_mismatches: wrongCells.length,
        play_mismatches: wrong.length,
        right: { route: right('route'), converged: right('converged'), final_limit: right('final_limit_ms') },
        rows: judged,
      },
      medianApe: null,
      p90Ape: null,
      mismatches: wrongCells.length,
      table: {
        columns: ['stack', 'cells', 'cells that differ', 'plays', 'stopped', 'plays that differ'],
        rows: [...groupBy(judged, ({ stack }) => stack)].map(([stack, plays]) => {
          const own = [...groupBy(plays, ({ config }) => config).values()];
          const count = (which: (play: CellRow) => boolean): string => String(plays.filter(which).length);
          return [
            stack,
            String(own.length),
            String(own.filter(differs).length),
            String(plays.length),
            count(({ measured }) => measured.converged),
            count(({ agrees }) => !agrees),
          ];
        }),
      },
      remarks: [
        `${wrongCells.length} of ${cells.length} cells differ from real QEMU, ${wrong.length} of ${judged.length} plays`,
        ...wrong.map(
          ({ config, measured, predicted }) =>
            `${config}: measured ${endingText(measured)}, predicted ${endingText(predicted)}`,
        ),
      ],
    };
  },
};

/** Do not most of its plays agree? */
const differs = (plays: readonly CellRow[]): boolean =>
  2 * plays.filter(({ agrees }) => agrees).length <= plays.length;

const endingText = ({ route, final_limit_ms }: Ending): string =>
  route === null ? `never stops, up to ${final_limit_ms} ms` : `${route} at ${final_limit_ms} ms`;

function judge(row: MeasuredRow, host: HostSpec): CellRow {
  const measured: Ending = {
    converged: row.number('converged') === 1,
    route: routeFrom(row),
    final_limit_ms: row.number('final_limit_ms'),
  };
  const predicted = predict(row, host);
  const agrees = Object.keys(measured).every(
    (key) => measured[key as keyof Ending] === predicted[key as keyof Ending],
  );
  return { config: row.name('config'), stack: row.name('stack'), measured, predicted, agrees };
}

function routeFrom(row: MeasuredRow): Route | null {
  const text = row.text('route');
  if (text === 'store' || text === 'stream' || text === 'none') return text;
  if (text === '') return null;
  throw new InputError(`column 'route' holds '${text}', one of store, stream, none is needed`);
}

/** How long a round of a wait took: by what its fastest window sent but for pages, or by the readings of the dirty log. */
function roundNs(row: MeasuredRow): number | undefined {
  const peakBytesPerS = row.optional('peak_bytes_per_s');
  const marksPerS =
    peakBytesPerS === undefined
      ? row.optional('wait_rounds_per_s')
      : (peakBytesPerS - row.number('writes_per_s') * PAGE_WIRE_BYTES) / MARK_BYTES;
  return marksPerS === undefined || marksPerS <= 0 ? undefined : 1e9 / marksPerS;
}

function predict(row: MeasuredRow, lab: HostSpec): Ending {
  const migration = migrationFrom(row);
  if (!migration) throw new InputError(`column 'ramp' holds '${row.text('ramp')}', which is no ramp`);
  const wire = row.optional('wire_bytes_per_s');
  const bytesPerS = wire === undefined ? Number.POSITIVE_INFINITY : wire * PAYLOAD_SHARE;
  const writesPerS = row.number('writes_per_s');
  const streams = row.number('dirty_bitmaps') === 1;
  const bits = bitmapBits(row.number('disk_bytes'), row.number('granularity_bytes'));
  const { state, limitNs } = measuredPrecopy(
    {
      ram: {
        sizeBytes: row.number('ram_bytes'),
        usedBytes: row.number('used_bytes'),
        workingSetBytes: writesPerS > 0 ? row.number('working_set_bytes') : 0,
        dirtyBytesPerS: writesPerS * PAGE_BYTES,
      },
      link: { name: 'wire', bytesPerS, roundTripNs: 0, stopDelayNs: 0 },
      host: { ...lab, perSyncNs: roundNs(row) ?? lab.perSyncNs },
      migration,
      qemu: qemuOf(row),
      speed: 1,
    },
    streams ? bits : 0,
  );
  const converged = state === 'ready';
  const route = streams ? 'stream' : row.number('persistent') === 1 ? 'store' : 'none';
  return { converged, route: converged ? route : null, final_limit_ms: limitNs / 1e6 };
}
