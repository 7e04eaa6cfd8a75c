/** `stopgap list qemu`: what differs between releases of QEMU, and how each trait of one release is known. */
import { InputError } from '../base/errors.js';
import { alikeReleases, howKnown, isRelease, knownTraits, RELEASES } from '../sim/qemu/releases.js';
import { type Known, TRAITS } from '../sim/qemu/table.js';
import type { Listing } from './listing-text.js';

const MARK: Readonly<Record<Known, string>> = { measured: 'm', 'source read': 's', assumed: 'a' };

function valueText(value: boolean | number | string): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return String(value);
}

/** Releases that behave alike stand in one column, under the first of them. */
function columns(): readonly string[] {
  const firstOf = (release: string): string =>
    RELEASES.find((other) => alikeReleases(other) === alikeReleases(release))!;
  return [...new Set(RELEASES.map(firstOf))];
}

/** The marks of all releases of a column: one where they agree. */
function marksOf(trait: number, first: string): string {
  const alike = RELEASES.filter((release) => alikeReleases(release) === alikeReleases(first));
  return [...new Set(alike.map((release) => MARK[knownTraits(release)[trait]!.known]))].join('');
}

function table(): Listing {
  const firsts = columns();
  const rows = knownTraits(firsts[0]!).map(({ trait }, i) => [
    trait,
    ...firsts.map((first) => `${valueText(knownTraits(first)[i]!.value)} ${marksOf(i, first)}`),
  ]);
  return {
    sections: [
      {
        title: 'm measured, s source read, a assumed; several marks: not all releases of the column alike',
        columns: ['trait', ...firsts.map(alikeReleases)],
        rows,
      },
      { title: 'meaning', rows: Object.entries(TRAITS).map(([trait, { meaning }]) => [trait, meaning]) },
    ],
    json: RELEASES.map((release) => ({
      release,
      behaves_as: alikeReleases(release),
      traits: knownTraits(release),
    })),
  };
}

/** The table of all releases, or the traits of one with their sources. */
export function listQemu(name?: string): Listing {
  if (name === undefined) return table();
  if (!isRelease(name))
    throw new InputError(`list qemu: '${name}' is not a release of QEMU from 6.2 to 11.x, or fixed`);
  const traits = knownTraits(name);
  return {
    sections: [
      {
        title: howKnown(name),
        rows: traits.map(({ trait, value, known, source, measuredOn }) => [
          trait,
          valueText(value),
          known,
          measuredOn.length > 0 ? `${source}; watched on ${measuredOn.join(', ')}` : source,
        ]),
      },
    ],
    json: { release: name, behaves_as: alikeReleases(name), traits },
  };
}
