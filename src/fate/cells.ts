/** One cell of the table: an outcome under a strategy, for a bitmap with a history. */
import { InputError } from '../base/errors.js';
import { isReference, type OwnedRoute, ROUTES, routeNamed } from '../sim/strategies/lookup.js';
import type { ImageOptions } from './image-file.js';
import { imageInfo } from './image-file.js';
import type { JournalEntry } from './journal.js';
import { OUTCOMES } from './outcomes.js';
import { Qemu } from './qemu.js';
import type { FateRules } from './rules.js';
import { Stage, type WriteGroups } from './stage.js';
import type { History } from './steps.js';
import { type Backup, backupFrom, type Fate, lookAt } from './verdict.js';

export interface CellKey {
  readonly outcome: string;
  /** The name of a route: a strategy may have several. */
  readonly strategy: string;
  readonly history: History;
}

export interface FateCell extends CellKey {
  /** Last look into each process while it lived. */
  readonly source: Fate;
  readonly destination: Fate;
  /** Flags in the image at the last look that took the image in; '' where nobody looked. */
  readonly imageAfterMigration: string;
  readonly imageAtEnd: string;
  /** What a fresh QEMU makes of the image. */
  readonly boot: Fate;
  readonly survivor: 'source' | 'destination' | 'none';
  readonly ended: 'quit' | 'kill';
  readonly backupLive: Backup | null;
  readonly backupAfterBoot: Backup | null;
  /** The guest runs again at the end of the story, before the survivor is shut down. */
  readonly guestRuns: boolean;
  /** The surviving copy's `persistent` in query-block; null where there is none. */
  readonly survivorPersistent: boolean | null;
  readonly journal: readonly JournalEntry[];
}

/**
 * Cells of 64 KiB clusters on storage that grows, as measured.
 * @internal
 */
export const DEFAULT_IMAGE: ImageOptions = {
  granulesPerCluster: 8 * 65536,
  freeClusters: Number.POSITIVE_INFINITY,
};

/** What real QEMU can do, what it cannot, the reference. */
function inOrderOfTables(routes: readonly OwnedRoute[]): readonly OwnedRoute[] {
  const compared = routes.filter(({ strategy }) => !isReference(strategy));
  return [
    ...compared.filter(({ built }) => built),
    ...compared.filter(({ built }) => !built),
    ...routes.filter(({ strategy }) => isReference(strategy)),
  ];
}

/** Every cell of these routes: each outcome that they can meet; a stored bitmap only where it persists. */
export function allCells(rules: FateRules, routes: readonly OwnedRoute[] = ROUTES): CellKey[] {
  const ordered = inOrderOfTables(routes);
  const cells: CellKey[] = [];
  for (const [outcome, { elsewhere }] of Object.entries(OUTCOMES)) {
    for (const route of ordered) {
      if (elsewhere && !elsewhere.only(route, rules)) continue;
      const histories: History[] = route.persistent ? ['new', 'stored'] : ['new'];
      if (outcome === 'ok-quit' && route.persistent) histories.push('inconsistent');
      for (const history of histories) cells.push({ outcome, strategy: route.name, history });
    }
  }
  return cells;
}

/** Plays one cell. Deterministic; `groups` may replace the writes (property tests). */
export function fateOf(
  key: CellKey,
  rules: FateRules,
  image: ImageOptions = DEFAULT_IMAGE,
  groups?: WriteGroups,
): FateCell {
  const outcome = OUTCOMES[key.outcome];
  if (!outcome)
    throw new InputError(
      `outcome: '${key.outcome}' is not one of ${Object.keys(OUTCOMES).sort().join(', ')}`,
    );
  const stage = new Stage({
    route: routeNamed(key.strategy),
    history: key.history,
    outcome,
    rules,
    imageOptions: image,
    groups,
  });
  stage.play();
  const site = { ...stage.site, image: stage.lastImage };
  const imageAtEnd = imageInfo(site.image, stage.bitmap);
  const boot = lookAt(new Qemu('boot', site, 'boot'), stage.bitmap, 'destination');
  const { looks, survivor } = stage;
  const seen = survivor === 'none' ? undefined : looks[survivor];
  return {
    ...key,
    source: looks.source?.fate ?? 'dead',
    destination: looks.destination?.fate ?? 'dead',
    imageAfterMigration: stage.imageAtLook ?? '',
    imageAtEnd,
    boot: boot.fate,
    survivor,
    ended: stage.ended,
    guestRuns: stage.guestRuns,
    backupLive: seen ? backupFrom(seen.fate) : null,
    backupAfterBoot: backupFrom(boot.fate),
    survivorPersistent: seen?.persistent ?? null,
    journal: stage.site.journal.entries,
  };
}
