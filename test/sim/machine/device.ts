/**
 * A device under a guest and one background process, simulated on its own: plain loops over every request in flight,
 * nothing of src/. Channels are shared evenly by who is on them (a request takes any with the same chance).
 */

export interface Device {
  readonly channels: number;
  readonly guestPerS: number;
  /** Seconds of a request of either on an idle device; drawn exponential for the guest. */
  readonly guestS: number;
  readonly backgroundS: number;
  /** How many requests the background has to do, one after another from the begin; 0: none. */
  readonly requests: number;
  readonly seconds: number;
}

export interface Seen {
  /** Mean time of the guest's requests and of the background's. */
  readonly guestS: number;
  readonly backgroundS: number;
  /** Share of the time with a background request in flight. */
  readonly busyShare: number;
}

/** mulberry32: a generator of a few lines, good enough for means. */
export function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

interface Request {
  left: number;
  readonly since: number;
  readonly guest: boolean;
}

/** Runs the device for its time and tells the means. */
export function simulateDevice(device: Device, seed: number): Seen {
  const random = generator(seed);
  const exponential = (mean: number): number => -mean * Math.log(1 - random());
  const channels: Request[][] = Array.from({ length: device.channels }, () => []);
  const put = (request: Request): void =>
    void channels[Math.floor(random() * device.channels)]!.push(request);
  const sums = { guest: 0, guests: 0, background: 0, backgrounds: 0 };
  let now = 0;
  let left = device.requests;
  const nextBackground = (): void => {
    if (left-- > 0) put({ left: device.backgroundS, since: now, guest: false });
  };
  nextBackground();
  let arrival = exponential(1 / device.guestPerS);
  while (now < device.seconds) {
    let step = Math.min(arrival, device.seconds) - now;
    for (const channel of channels)
      for (const request of channel) step = Math.min(step, request.left * channel.length);
    now += step;
    for (const channel of channels) {
      const each = step / channel.length;
      for (const request of channel) request.left -= each;
    }
    for (const [c, channel] of channels.entries()) {
      const ended = channel.filter((request) => request.left <= 1e-12);
      if (ended.length === 0) continue;
      channels[c] = channel.filter((request) => request.left > 1e-12);
      for (const request of ended) {
        if (request.guest) {
          sums.guest += now - request.since;
          sums.guests++;
        } else {
          sums.background += now - request.since;
          sums.backgrounds++;
          nextBackground();
        }
      }
    }
    if (now >= arrival) {
      put({ left: exponential(device.guestS), since: now, guest: true });
      arrival = now + exponential(1 / device.guestPerS);
    }
  }
  return {
    guestS: sums.guest / sums.guests,
    backgroundS: sums.background / sums.backgrounds,
    busyShare: sums.background / device.seconds,
  };
}
