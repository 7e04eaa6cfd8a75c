/** What a stack does with a guest of the lab, from its own file. */
import { resolve } from '../../input/resolve.js';
import { loadStack } from '../../input/stack.js';
import type { Scenario } from '../../sim/scenario.js';
import type { DirtyGuest } from '../ram/boot-sector.js';
import { guestBytes } from '../ram/dirty-guest.js';

/** What is played. */
export interface StackSituation {
  /** Its name in models/stacks/. */
  readonly stack: string;
  /** The installed QEMU, whatever the stack has. */
  readonly qemu: string;
  readonly guest: DirtyGuest;
  readonly diskBytes: number;
  /** Rate of the wire; 0: a unix socket. */
  readonly wireBytesPerS: number;
}

export interface Steering {
  readonly scenario: Scenario;
  /** It switches `dirty-bitmaps` on. */
  readonly streams: boolean;
  /** The bitmap is in the image, so that it outlives the process. */
  readonly persistent: boolean;
}

/** So long a guest runs on with its RAM sent before it is said never to stop. */
const PATIENCE = '10s';
/** vdsm looks every ten seconds; two looks must find the same before it is known to do nothing. */
const PATIENCE_OF_VDSM = '25s';

/** Resolves the stack's file, as `ask --stack` does. */
export async function steeringOf(situation: StackSituation): Promise<Steering> {
  const { stack, qemu, guest, diskBytes, wireBytesPerS } = situation;
  const { layer } = await loadStack(stack, 'stack');
  const { scenario, route } = await resolve(
    {},
    {
      stack,
      qemu,
      'disk.size': `${diskBytes}B`,
      'bitmaps.dirty': '0%',
      workload: 'idle',
      link: wireBytesPerS > 0 ? `${wireBytesPerS}B/s` : 'unix',
      'ram.size': `${guestBytes(guest)}B`,
      'migration.timeout': layer.get('ramp.law')?.raw === 'risen' ? PATIENCE_OF_VDSM : PATIENCE,
    },
  );
  const streams = route?.name === 'dont-store' && route.variant === 'stream';
  return { scenario, streams, persistent: String(layer.get('persistent')?.raw) === 'on' };
}

/** Disk bytes of one bit. */
export const granularityOf = ({ scenario }: Steering): number =>
  scenario.disks[0]!.bitmaps[0]!.granularityBytes;
