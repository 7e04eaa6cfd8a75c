/** What may strike a migration. What becomes of the bitmaps then is asked in src/fate/. */

export const FAULTS = ['cancel', 'destination-dies', 'source-dies', 'source-quits', 'storage-fails'] as const;
export type Fault = (typeof FAULTS)[number];

/** Faults per second, each a Poisson process of its own; absent: never. */
export type FaultRates = Partial<Readonly<Record<Fault, number>>>;
