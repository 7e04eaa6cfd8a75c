import type { Row } from '../../sim/parameters/row.js';

export interface Parameter extends Row {
  /** Name on the command line, without the dashes. Parameters without one are set with `--set path=value`. */
  readonly flag?: string;
  /** CSV column and key of the resolved question; carries the unit. */
  readonly column: string;
}

/** A parameter as the tables list it; most columns follow from path and kind. */
export type ParameterRow = Omit<Parameter, 'column'> & { readonly column?: string };
