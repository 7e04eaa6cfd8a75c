/**
 * From axes to points, as a pure function. A grid is enumerated in the order of the file, the last axis fastest;
 * points that break a constraint are left out before they are counted.
 */
import { InputError } from '../../base/errors.js';
import type { Row } from '../../sim/parameters/row.js';
import { type Axis, type AxisValue, numericValue, scalarOf } from './axis.js';
import { type Design, designPoints } from './design.js';
import { type Expression, parseExpression, type Values } from './expression.js';

const POINTS_MAX = 1_000_000;

/** What a point sets: parameter path to value. */
export type Settings = ReadonlyMap<string, AxisValue>;

export interface ExpandInput {
  readonly axes: readonly Axis[];
  /** Groups of axis paths that advance together. */
  readonly zip: readonly (readonly string[])[];
  readonly constraints: readonly string[];
  readonly derived: Readonly<Record<string, string>>;
  readonly design: Design;
  readonly seed: number;
  /** Values of the parameters that are not axes, for expressions. */
  readonly base: Values;
  readonly fieldOf: (path: string, where: string) => Row;
}

/** The points of a plan; settings are built when asked for, so a million points cost four bytes each. */
export interface Points {
  readonly count: number;
  settings(index: number): Settings;
}

/** Axes that advance together: entry i of each. */
type Dimension = readonly Axis[];

function dimensionsOf(axes: readonly Axis[], zip: readonly (readonly string[])[]): Dimension[] {
  const byPath = new Map(axes.map((axis) => [axis.path, axis]));
  const zipped = new Map<string, readonly Axis[]>();
  for (const group of zip) {
    const members = group.map((path) => {
      const axis = byPath.get(path);
      if (!axis)
        throw new InputError(`zip: '${path}' is not an axis (axes: ${[...byPath.keys()].join(', ')})`);
      if (zipped.has(path)) throw new InputError(`zip: '${path}' is in two groups`);
      return axis;
    });
    const lengths = members.map((axis) => `${axis.path} has ${axis.values.length}`);
    if (new Set(members.map((axis) => axis.values.length)).size > 1)
      throw new InputError(
        `zip: axes that advance together need as many values each (${lengths.join(', ')})`,
      );
    for (const path of group) zipped.set(path, members);
  }
  const dimensions: Dimension[] = [];
  for (const axis of axes) {
    const group = zipped.get(axis.path);
    if (!group) dimensions.push([axis]);
    else if (group[0] === axis) dimensions.push(group);
  }
  return dimensions;
}

/** In a grid an entry that stands twice would run the same points twice. */
function refuseRepeats(axes: Dimension): void {
  const seen = new Set<string>();
  for (let i = 0; i < axes[0]!.values.length; i++) {
    const entry = axes.map((axis) => axis.values[i]!);
    const key = JSON.stringify(entry.map(({ value }) => value));
    if (seen.has(key))
      throw new InputError(
        `axes: ${axes.map(({ path }, a) => `${path} ${scalarOf(entry[a]!.raw, entry[a]!.raw)}`).join(', ')} stands twice`,
      );
    seen.add(key);
  }
}

/** Settings of every index before constraints. */
function enumerate(dimensions: readonly Dimension[], design: Design, seed: number): Points {
  if (design.kind !== 'grid') {
    if (dimensions.length === 0) throw new InputError('design: there is no axis to spread points over');
    if (design.points > POINTS_MAX) tooMany(design.points);
    const cube = designPoints(design, dimensions.length, seed);
    const settings = (index: number): Settings =>
      new Map(
        dimensions.flatMap((axes, d) => axes.map((axis) => [axis.path, axis.at(cube[index]![d]!)] as const)),
      );
    return { count: design.points, settings };
  }
  const lengths = dimensions.map((axes) => axes[0]!.values.length);
  const count = lengths.reduce((product, length) => product * length, 1);
  if (count > POINTS_MAX) tooMany(count);
  for (const axes of dimensions) refuseRepeats(axes);
  const settings = (index: number): Settings => {
    const digits = new Array<number>(lengths.length);
    let rest = index;
    for (let d = lengths.length - 1; d >= 0; d--) {
      digits[d] = rest % lengths[d]!;
      rest = Math.floor(rest / lengths[d]!);
    }
    return new Map(
      dimensions.flatMap((axes, d) => axes.map((axis) => [axis.path, axis.values[digits[d]!]!] as const)),
    );
  };
  return { count, settings };
}

function tooMany(count: number): never {
  throw new InputError(`axes: ${count} points, the limit is ${POINTS_MAX}`);
}

function valuesOf(settings: Settings, base: Values): Values {
  return { ...base, ...Object.fromEntries([...settings].map(([path, { value }]) => [path, value])) };
}

/**
 * A rule of the file, its names checked: those that are no parameters can only be values (of a preset's name, say),
 * and a rule of nothing but such would say nothing.
 */
function ruleOf(text: string, where: string, input: ExpandInput): Expression {
  const rule = parseExpression(text, where);
  const parameters = new Set([
    ...Object.keys(input.base),
    ...input.axes.map((axis) => axis.path),
    ...Object.keys(input.derived),
  ]);
  const texts = new Set<number | string>([
    ...Object.values(input.base),
    ...input.axes.flatMap((axis) => axis.values.map(({ value }) => value)),
  ]);
  const others = rule.names.filter((name) => !parameters.has(name));
  const mistaken =
    others.length === rule.names.length
      ? others
      : others.filter((name) => name.includes('.') && !texts.has(name));
  for (const name of mistaken) input.fieldOf(name, where);
  return rule;
}

function withDerived(points: Points, input: ExpandInput): Points {
  const rules = Object.entries(input.derived).map(([path, text]) => {
    const where = `derived.${path}`;
    return { field: input.fieldOf(path, where), where, rule: ruleOf(text, where, input) };
  });
  if (rules.length === 0) return points;
  const settings = (index: number): Settings => {
    const all = new Map(points.settings(index));
    for (const { field, where, rule } of rules) {
      const value = rule.evaluate(valuesOf(all, input.base));
      if (typeof value !== 'number')
        throw new InputError(`${where}: '${rule.text}' gives ${value}, not a number`);
      all.set(field.path, numericValue(field, value, where));
    }
    return all;
  };
  return { count: points.count, settings };
}

function holds(rule: Expression, values: Values, where: string): boolean {
  const value = rule.evaluate(values);
  if (typeof value !== 'boolean') throw new InputError(`${where}: '${rule.text}' is not a comparison`);
  return value;
}

function constrained(points: Points, input: ExpandInput): Points {
  const rules = input.constraints.map((text, i) => ({
    where: `constraints[${i}]`,
    rule: ruleOf(text, `constraints[${i}]`, input),
  }));
  if (rules.length === 0) return points;
  const kept: number[] = [];
  for (let index = 0; index < points.count; index++) {
    const values = valuesOf(points.settings(index), input.base);
    if (rules.every(({ rule, where }) => holds(rule, values, where))) kept.push(index);
  }
  if (kept.length === 0)
    throw new InputError(`constraints: none of the ${points.count} points satisfies all of them`);
  const indices = Uint32Array.from(kept);
  return { count: indices.length, settings: (index) => points.settings(indices[index]!) };
}

/** All points of an experiment, in plan order. */
export function expand(input: ExpandInput): Points {
  const dimensions = dimensionsOf(input.axes, input.zip);
  return constrained(withDerived(enumerate(dimensions, input.design, input.seed), input), input);
}
