/** The disks of a question in words: alike ones by number and size, others one kind after another. */
import { counted } from '../base/counted.js';
import { formatSize } from '../base/units.js';
import type { ListedDisk } from '../input/disk-question.js';

type Question = Readonly<Record<string, unknown>>;

/** The disks of a list; undefined where all are as the parameters say. */
function listOf(question: Question): readonly ListedDisk[] | undefined {
  return Array.isArray(question.disk_list) ? (question.disk_list as readonly ListedDisk[]) : undefined;
}

/** Bitmaps of all disks. */
export function bitmapsOf(question: Question): number {
  const list = listOf(question);
  if (!list) return Number(question.bitmaps) * Number(question.disks);
  return list.reduce((sum, { bitmaps }) => bitmaps.reduce((inner, { count }) => inner + count, sum), 0);
}

/** Bytes of the bitmaps in images below the disks. */
export function bytesBelow(question: Question): number {
  const below = (listOf(question) ?? []).flatMap(({ backing }) => backing.flatMap(({ bitmaps }) => bitmaps));
  return below.reduce((sum, { count, bitmap_bytes }) => sum + count * bitmap_bytes, 0);
}

/** `4 TiB with 3 bitmaps (2 of 64 KiB, 1 frozen of 1 MiB granularity) on ceph-nvme`; `storage`: what goes without saying. */
function diskText(disk: ListedDisk, storage: string): string {
  const all = disk.bitmaps.reduce((sum, { count }) => sum + count, 0);
  const groups = disk.bitmaps.map(({ count, granularity_bytes, recording }) => {
    const of = `${recording ? '' : 'frozen, '}${formatSize(granularity_bytes)}`;
    return disk.bitmaps.length === 1 ? of : `${count} of ${of}`;
  });
  const held = disk.backing.reduce(
    (sum, { bitmaps }) => bitmaps.reduce((inner, b) => inner + b.count, sum),
    0,
  );
  return [
    formatSize(disk.size_bytes),
    all === 0 ? ' without a bitmap' : ` with ${counted(all, 'bitmap')} (${groups.join(', ')} granularity)`,
    disk.storage === storage ? '' : ` on ${disk.storage}`,
    disk.data_file
      ? `, bitmaps beside its data file${disk.bitmap_storage === disk.storage ? '' : ` on ${disk.bitmap_storage}`}`
      : '',
    disk.backing.length > 0
      ? ` over ${counted(disk.backing.length, 'backing image')} with ${held === 0 ? 'none' : counted(held, 'bitmap')}`
      : '',
  ].join('');
}

/** The disks one by one, kinds that come again counted; undefined where all are as the parameters say. */
export function disksText(question: Question): string | undefined {
  const list = listOf(question);
  if (!list) return undefined;
  const kinds = new Map<string, number>();
  for (const disk of list) {
    const text = diskText(disk, String(question.storage));
    kinds.set(text, (kinds.get(text) ?? 0) + 1);
  }
  const texts = [...kinds].map(([text, count]) =>
    count === 1 || kinds.size === 1 ? text : `${count} of ${text}`,
  );
  const each =
    kinds.size === 1 ? ` of ${texts[0]}${list.length === 1 ? '' : ' each'}` : `: ${texts.join('; ')}`;
  return counted(list.length, 'disk') + each;
}
