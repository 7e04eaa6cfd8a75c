/** Bars that differ in changes to QEMU alone: what each buys, the greatest gain first. */
import type { Row } from '../../sweep/results/csv.js';
import { num, shown, stops } from './data.js';

const WHAT_IF = 'what_if_';
const isMade = (text: string | undefined): boolean => text !== undefined && text !== 'false' && text !== '1';

/** How many changes a row has made. */
export type Changes = (row: Row) => number;

/** Counts the changes of rows that differ in nothing else and have QEMU as it is among them; else undefined. */
export function changesOf(rows: readonly Row[], columns: readonly string[]): Changes | undefined {
  if (columns.length === 0 || !columns.every((column) => column.startsWith(WHAT_IF))) return undefined;
  const count: Changes = (row) => columns.filter((column) => isMade(row[column])).length;
  return rows.some((row) => count(row) === 0) ? count : undefined;
}

const stopMs = (row: Row): number => (stops(row) ? num(row, 'downtime_mean_ms') : Number.POSITIVE_INFINITY);

/** QEMU as it is, single changes, then several together; of as many the one first that leaves the shortest stop. */
export function inOrderOfGain(rows: readonly Row[], changes: Changes): readonly Row[] {
  return [...rows].sort((a, b) => changes(a) - changes(b) || stopMs(a) - stopMs(b));
}

/** What the best single change makes of the stop, and what the best of all rows. */
export function fixFinding(
  ordered: readonly Row[],
  changes: Changes,
  nameOf: (row: Row) => string,
): string | undefined {
  const today = ordered.find((row) => changes(row) === 0);
  const single = ordered.filter((row) => changes(row) === 1);
  const [best] = single;
  if (!today || !best || !stops(today)) return undefined;
  const [before, after] = [stopMs(today), stopMs(best)];
  const said = (ms: number): string => shown('_ms', String(ms));
  if (!(after < before)) return `No single change shortens the stop of ${said(before)}`;
  const among = single.length === 1 ? '' : `, the most of ${single.length} changes`;
  const least = [...ordered].sort((a, b) => stopMs(a) - stopMs(b))[0]!;
  const all = changes(least) > 1 ? `; ${said(stopMs(least))} is the least, with ${nameOf(least)}` : '';
  return `${capital(nameOf(best))} takes the stop from ${said(before)} to ${said(after)}${among}${all}`;
}

const capital = (text: string): string => `${text[0]!.toUpperCase()}${text.slice(1)}`;
