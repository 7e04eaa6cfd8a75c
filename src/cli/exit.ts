/**
 * Exit codes; the help names them (main.ts). `internal` is a bug, as sysexits.h counts. `interrupted` is what a shell
 * makes of the signal that ends a command; those that have something to keep or remove catch it and exit with that code themselves.
 */
export const EXIT = { no: 1, badInput: 2, internal: 70, interrupted: 130 } as const;
