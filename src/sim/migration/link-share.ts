/** What a pre-copy gets of a link that others send over too: it follows the level from iteration to iteration. */
import type { Process } from '../../kernel/process.js';
import type { Sender, SharedLink } from '../machine/shared-link.js';
import type { RamFlow } from './ram-flow.js';

export class ShareOfLink {
  private readonly link: SharedLink;
  private readonly flow: RamFlow;
  private readonly sender: Sender = { bytesPerS: 0 };

  constructor(link: SharedLink, flow: RamFlow) {
    this.link = link;
    this.flow = flow;
  }

  /** For the next iteration. One that only waits for others has next to nothing to send. */
  take(waiting: boolean): void {
    this.link.ask(this.sender, waiting ? 0 : this.flow.askedBytesPerS);
    this.flow.setLink(this.link.levelBytesPerS);
  }

  /** So many windows, or up to the end of the one in which the level changes. */
  *passWindows(count: number): Process {
    const { flow } = this;
    const eachNs = flow.wholeWindowNs;
    const passedNs = yield* this.link.steady(count * eachNs);
    const windows = Math.min(count, Math.ceil(passedNs / eachNs));
    const restNs = windows * eachNs - passedNs;
    if (restNs > 0) yield restNs;
    flow.passWindows(windows);
    this.take(false);
  }

  /** The guest stops. */
  leave(): void {
    this.link.ask(this.sender, 0);
  }
}
