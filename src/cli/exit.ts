/** Exit codes; the help names them (main.ts). `internal` is a bug, as sysexits.h counts. */
export const EXIT = { no: 1, badInput: 2, internal: 70, interrupted: 130 } as const;
