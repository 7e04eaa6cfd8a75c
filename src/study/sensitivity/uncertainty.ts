/**
 * `--vary uncertainty`: every figure of the presets that are used, within what its mark leaves open. A preset says how a
 * figure is known, not how far off it may be; these widths stand in for that.
 */
import { InputError } from '../../base/errors.js';
import { isTree, type Tree } from '../../base/tree.js';
import { PARAMETERS, type Parameter } from '../../input/parameters.js';
import { loadPreset, type PresetKind, shippedPreset } from '../../input/presets.js';
import type { Resolved } from '../../input/resolve.js';
import { parseRow } from '../../input/values/kinds.js';
import { writtenNumber } from '../../input/values/written-number.js';
import { variantOfSpec } from '../../sim/strategies/lookup.js';
import type { StrategySpec } from '../../sim/strategies/registry.js';
import { type Factor, type Format, stretched } from './factor.js';

/** By which factor a figure may be off, up or down. */
const OFF_BY: Readonly<Record<string, number>> = { measured: 1.1, vendor: 1.25, estimate: 2 };

const KINDS: readonly PresetKind[] = ['storage', 'link', 'host'];

/** A figure of a preset and how it is known. */
interface Cited {
  readonly path: string;
  readonly node: Tree;
  readonly mark: string;
}

function citedIn(tree: Tree, prefix: string): Cited[] {
  return Object.entries(tree).flatMap(([key, node]) => {
    if (!isTree(node)) return [];
    const path = `${prefix}.${key}`;
    return typeof node.mark === 'string' ? [{ path, node, mark: node.mark }] : citedIn(node, path);
  });
}

/** A latency of some shape: all of it is longer or shorter by one factor. */
function scaledLatency(path: string, node: Tree, off: number): Factor | undefined {
  const parsed = ['p50', 'p99', 'mean'].flatMap((key) => {
    const text = node[key];
    const spec =
      typeof text === 'string' ? parseRow({ path, kind: 'time', help: '' }, text, path) : undefined;
    return typeof spec === 'number' ? [[key, spec] as const] : [];
  });
  if (parsed.length === 0) return undefined;
  const factor = (share: number): number => off ** (2 * share - 1);
  return {
    path,
    at: (share) =>
      Object.fromEntries(parsed.map(([key, ns]) => [key, `${Math.round(ns * factor(share))}ns`])),
    shown: (share) => `${Number(factor(share).toPrecision(3))} times the preset's`,
    discrete: false,
    leftWithin: (share) => Math.min(1, Math.log((1 + share) / (1 - share)) / (2 * Math.log(off))),
  };
}

function factorOf({ path, node, mark }: Cited, format: Format): Factor | undefined {
  const parameter: Parameter | undefined = PARAMETERS.find((row) => row.path === path);
  const off = OFF_BY[mark];
  if (parameter === undefined || off === undefined) return undefined;
  if (parameter.kind === 'latency' && node.value === undefined) return scaledLatency(path, node, off);
  const parsed = parseRow(parameter, node.value, path);
  const constant = isTree(parsed) && parsed.kind === 'constant' ? parsed.ns : parsed;
  if (typeof constant !== 'number' || !(constant > 0) || !Number.isFinite(constant)) return undefined;
  if (parameter.kind === 'count' || writtenNumber(parameter.kind, constant) === undefined) return undefined;
  const most = parameter.max ?? Number.POSITIVE_INFINITY;
  const ends = { from: constant / off, to: Math.min(most, constant * off), log: true };
  return ends.from < ends.to ? stretched(parameter, ends, format) : undefined;
}

/** Of the stream of bitmaps: nothing reads them where none is sent. */
const OF_STREAMS = /^host\.(stream-|postcopy)/;

/** The figures of the presets that the situation and the strategies use. Its own settings are taken as known. */
export async function uncertainFactors(
  { question }: Resolved,
  strategies: readonly StrategySpec[],
  format: Format,
): Promise<readonly Factor[]> {
  const factors: Factor[] = [];
  const streams = strategies.some((spec) => variantOfSpec(spec).routes[0].dirtyBitmaps);
  for (const kind of KINDS) {
    const name = String(question[kind]);
    if (shippedPreset(kind, name) === undefined) continue;
    const { tree } = await loadPreset(kind, name, kind);
    const cited = citedIn(tree, kind).filter(({ path }) => streams || !OF_STREAMS.test(path));
    factors.push(...cited.flatMap((figure) => factorOf(figure, format) ?? []));
  }
  if (factors.length === 0)
    throw new InputError('--vary uncertainty: no shipped preset is used, so no figure has a stated doubt');
  return factors;
}
