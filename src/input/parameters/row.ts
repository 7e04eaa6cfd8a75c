import { LIMITS } from '../../sim/qcow2/geometry.js';
import type { Field } from '../values/kinds.js';

export interface Parameter extends Field {
  /** Name on the command line, without the dashes. Parameters without one are set with `--set path=value`. */
  readonly flag?: string;
  /** CSV column and key of the resolved question; carries the unit. */
  readonly column: string;
}

/** A parameter as the tables list it; most columns follow from path and kind. */
export type ParameterRow = Omit<Parameter, 'column'> & { readonly column?: string };

/** Limits of qcow2 cluster sizes; chunks of pre-flush keep to the same. */
export const CLUSTER_LIMITS = {
  min: LIMITS.clusterMinBytes,
  max: LIMITS.clusterMaxBytes,
  allowed: 'from 512 to 2M',
};
