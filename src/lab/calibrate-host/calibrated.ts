/** What a calibration of a host gives, by stops or by loops. */
import type { HostFigure } from '../../sim/parameters/host.js';
import type { HostSpec } from '../../sim/scenario.js';

export interface CalibratedHost {
  readonly host: HostSpec;
  /** The figures that were told; the others are those of any machine. */
  readonly measured: ReadonlySet<HostFigure>;
  /** `QEMU 7.2.22, 3 passes of 16 stops`. */
  readonly tool: string;
  /** What to know of it: sentences for people. */
  readonly notes: readonly string[];
}
