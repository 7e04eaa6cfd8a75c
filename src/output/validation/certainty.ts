/**
 * How sure a predicted number is, by kind of stop, storage, release and machine: measured where figures were fitted to these
 * rows, out of sample where they were not, assumed where nobody measured. The errors are those of the rows.
 */
import type { ErrorReport } from '../../lab/validate/errors.js';
import { type Cells, markdownTable, percent } from './markdown.js';

const KNOWN = {
  fitted: 'measured: host `lab` was fitted to three quarters of such rows',
  later: 'out of sample: host `lab`, rows taken later',
  others: 'out of sample: host from other configurations (`--host auto`)',
  own: 'out of sample: two constants fitted to 57 other stores',
} as const;

const ASSUMED = 'assumed';

/** A kind of stop of which there are rows. */
interface Judged {
  readonly stop: string;
  readonly storage: string;
  readonly qemu: string;
  readonly known: keyof typeof KNOWN;
  readonly file: string;
  /** Of a file that has two figures: the source's. */
  readonly side?: 'source';
}

const VOLUME = 'NBD volume, calibrated just before';
const of = (qemu: string, known: keyof typeof KNOWN, folder = ''): readonly Judged[] => [
  { stop: 'bitmaps stored', storage: VOLUME, qemu, known, file: `${folder}store.csv` },
  { stop: 'stored, replaced clusters punched', storage: VOLUME, qemu, known, file: `${folder}punch.csv` },
  { stop: 'stored in an allocated image', storage: VOLUME, qemu, known, file: `${folder}scan.csv` },
  {
    stop: 'to a destination, stored or streamed',
    storage: VOLUME,
    qemu,
    known,
    file: `${folder}handover.csv`,
  },
  {
    stop: 'the same, source side',
    storage: VOLUME,
    qemu,
    known,
    file: `${folder}handover.csv`,
    side: 'source',
  },
];

const JUDGED: readonly Judged[] = [
  ...of('7.2.22', 'fitted'),
  {
    stop: 'stored beside an external data file',
    storage: VOLUME,
    qemu: '7.2.22',
    known: 'later',
    file: 'datafile.csv',
  },
  {
    stop: 'stored',
    storage: 'local file, calibrated by system calls',
    qemu: '7.2.22',
    known: 'own',
    file: 'file.csv',
  },
  {
    stop: 'stored, large clusters and allocated images among them',
    storage: VOLUME,
    qemu: '7.2.22, a third machine',
    known: 'others',
    file: 'holdout-store.csv',
  },
  {
    stop: 'stored by up to four VMs at the same time',
    storage: 'one NBD volume for all, calibrated just before',
    qemu: '7.2.22, a fourth machine',
    known: 'others',
    file: 'together.csv',
  },
  ...of('7.2.22, second machine', 'others', 'second-host/'),
  ...of('10.1.0, second machine', 'others', 'qemu-10.1.0/'),
];

/** What nobody measured as a stop, and what it rests on. */
const UNMEASURED: readonly (readonly [stop: string, storage: string, qemu: string, why: string])[] = [
  [
    'any',
    'the presets of `models/storage` but `lab-*` and `file-*`',
    'any',
    "single requests are the sources' figures, each with mark and spread (`ask --uncertainty`); no stop on such a storage was measured",
  ],
  [
    'any',
    'Ceph, cloud volumes, NFS, iSCSI',
    'any',
    'requests are those of QEMU, the same on every storage; their times are assumed to be those of the calibration',
  ],
  [
    'times',
    'any',
    '6.2 to 8.1, 8.2, 9.x, 10.2 and later',
    'requests were watched on 8.2, 9.2 and 10.2, or their source read (`stopgap list qemu`); times are taken to be those of 7.2 or 10.1, which differ by 0.2 % (65 stops of one machine)',
  ],
  [
    'any',
    'any',
    'any, on a processor that is not measured',
    'host `unknown`, whose spread covers two machines; `calibrate --host` measures yours',
  ],
  [
    'pre-flush inside QEMU',
    'any',
    'none has it',
    'a prototype outside QEMU is predicted (below); QEMU would have to be changed',
  ],
];

function row({ stop, storage, qemu, known, file }: Judged, report: ErrorReport): Cells {
  return [
    stop,
    storage,
    qemu,
    `${KNOWN[known]} (\`${file}\`)`,
    String(report.n),
    percent(report.median_ape),
    percent(report.p90_ape),
    percent(report.coverage95),
  ];
}

const COLUMNS = ['stop', 'storage', 'QEMU', 'how it is known', 'n', 'median', 'p90', 'inside 95 %'];

/** What is known of the spread of stops: configurations, and how many single stops lie inside. */
export interface SpreadKnown {
  readonly cells: number;
  readonly coverage95: number;
}

const spreadRow = ({ cells, coverage95 }: SpreadKnown): Cells => [
  'stored, p95 of 20 stops and the share over budget',
  'NBD volume with slow spells and neighbours, by the law it was given',
  '7.2.22',
  'out of sample: no figure is from these rows (`spells.csv`)',
  String(cells),
  '–',
  '–',
  percent(coverage95),
];

/** The table; `errorsOf` judges a file, with host `lab` or with one fitted to the other configurations. */
export function certaintyTable(
  errorsOf: (file: string, fitted: boolean) => ErrorReport & { readonly source?: ErrorReport },
  spread: SpreadKnown,
): string {
  const judged = JUDGED.map((each) => {
    const report = errorsOf(each.file, each.known === 'others');
    return row(each, each.side === undefined ? report : report.source!);
  });
  const assumed = UNMEASURED.map(
    ([stop, storage, qemu, why]): Cells => [stop, storage, qemu, `${ASSUMED}: ${why}`, '–', '–', '–', '–'],
  );
  return markdownTable(COLUMNS, [...judged, spreadRow(spread), ...assumed]);
}
