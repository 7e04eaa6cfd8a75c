/** A small set of granules, by number: the bits of a bitmap, or what the guest has written. Real bits, no summary. */
export class Granules {
  private readonly members: Set<number>;

  constructor(members: Iterable<number> = []) {
    this.members = new Set(members);
  }

  get size(): number {
    return this.members.size;
  }

  add(granules: Iterable<number>): void {
    for (const granule of granules) this.members.add(granule);
  }

  has(granule: number): boolean {
    return this.members.has(granule);
  }

  copy(): Granules {
    return new Granules(this.members);
  }

  /** What is here and not in `other`, ascending. */
  without(other: Granules): number[] {
    return [...this.members].filter((granule) => !other.has(granule)).sort((a, b) => a - b);
  }

  /** How many runs of `granulesPerCluster` hold a set bit: the clusters a store has to write. */
  clusters(granulesPerCluster: number): number {
    const touched = new Set<number>();
    for (const granule of this.members) touched.add(Math.floor(granule / granulesPerCluster));
    return touched.size;
  }

  [Symbol.iterator](): Iterator<number> {
    return this.members.values();
  }
}
