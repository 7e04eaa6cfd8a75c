/** What a stack does with a guest of the lab: the scenario that is played, and predicted. */
import { resolve } from '../../input/resolve.js';
import { loadStack } from '../../input/stack.js';
import type { Scenario } from '../../sim/scenario.js';
import type { StrategySpec } from '../../sim/strategies/registry.js';
import type { DirtyGuest } from '../ram/boot-sector.js';
import { guestBytes } from '../ram/dirty-guest.js';
import { PAYLOAD_SHARE } from '../ram/wire.js';

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
  /** The way of the bitmap. */
  readonly strategy: StrategySpec;
  /** The bitmap is in the image, so that it outlives the process. */
  readonly persistent: boolean;
}

/** So long a guest runs on with its RAM sent before it is said never to stop. */
const PATIENCE = '10s';
/** vdsm looks every ten seconds; two looks must find the same before it is known to do nothing. */
const PATIENCE_OF_VDSM = '25s';

/** `pageUs`: what a page costs the processors. */
export async function steeringOf(situation: StackSituation, pageUs = 1): Promise<Steering> {
  const { stack, qemu, guest, diskBytes, wireBytesPerS } = situation;
  const wire = wireBytesPerS > 0 ? { link: `${wireBytesPerS * PAYLOAD_SHARE}B/s` } : { link: 'unix' };
  const { layer } = await loadStack(stack, 'stack');
  const { scenario, route } = await resolve(
    {},
    {
      stack,
      qemu,
      'disk.size': `${diskBytes}B`,
      'bitmaps.dirty': '0%',
      workload: 'idle',
      host: 'lab',
      'host.ram-page': `${pageUs}us`,
      ...wire,
      'ram.size': `${guestBytes(guest)}B`,
      'ram.used': `${guest.usedBytes}B`,
      'ram.working-set': guest.pagesPerS > 0 ? `${guest.workingSetBytes}B` : '0B',
      'ram.dirty-rate': `${guest.pagesPerS * 4096}B/s`,
      'migration.timeout': layer.get('ramp.law')?.raw === 'risen' ? PATIENCE_OF_VDSM : PATIENCE,
    },
  );
  return { scenario, strategy: route!, persistent: String(layer.get('persistent')?.raw) === 'on' };
}
