/** Granules set after so many writes. */
export interface TouchSample {
  readonly writes: number;
  readonly granules: number;
}
