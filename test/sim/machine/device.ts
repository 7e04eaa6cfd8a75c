/**
 * A device under a guest and one background process, simulated on its own: plain loops over every request in flight,
 * nothing of src/. A request waits for a token, then goes to any channel: first its latency, then its bytes. Channels
 * are shared evenly by who is on them, the bandwidth by who moves bytes, and a channel gives what bytes cannot use to
 * the others on it.
 */

export interface Device {
  readonly channels: number;
  /** Operations admitted a second, one of them saved at most; Infinity: no limit. */
  readonly opsPerS?: number;
  readonly guestPerS: number;
  /** Mean seconds of a request of either on an idle device, and those of its bytes. */
  readonly guestS: number;
  readonly guestBytesS?: number;
  readonly backgroundS: number;
  readonly backgroundBytesS?: number;
  /** How many requests the background has to do, one after another from the begin; 0: none. */
  readonly requests: number;
  readonly seconds: number;
}

export interface Seen {
  /** Mean time of the guest's requests. */
  readonly guestS: number;
  /** Requests that the background has done. */
  readonly requests: number;
}

/** mulberry32: a generator of a few lines, good enough for means. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

interface Request {
  latency: number;
  bytes: number;
  readonly since: number;
  readonly guest: boolean;
}

const TINY = 1e-12;

/** Runs the device for its time and tells the means. */
export function simulateDevice(device: Device, seed: number): Seen {
  const { guestBytesS = 0, backgroundBytesS = 0, opsPerS = Number.POSITIVE_INFINITY } = device;
  const random = generator(seed);
  const exponential = (mean: number): number => -mean * Math.log(1 - random());
  const channels: Request[][] = Array.from({ length: device.channels }, () => []);
  const queue: Request[] = [];
  const guest = { seconds: 0, count: 0 };
  let now = 0;
  let tokenAt = 0;
  let begun = 0;
  let ended = 0;
  const ask = (latency: number, bytes: number, isGuest: boolean): void =>
    void queue.push({ latency, bytes, since: now, guest: isGuest });
  const nextBackground = (): void => {
    if (begun++ < device.requests) ask(device.backgroundS - backgroundBytesS, backgroundBytesS, false);
  };
  const admit = (): void => {
    while (queue.length > 0 && tokenAt <= now + TINY) {
      channels[Math.floor(random() * device.channels)]!.push(queue.shift()!);
      tokenAt = Math.max(tokenAt, now) + 1 / opsPerS;
    }
  };
  /** Work per second of a request on this channel. */
  const speeds = (channel: readonly Request[], moving: number): { latency: number; bytes: number } => {
    const movers = channel.filter(({ latency }) => latency <= TINY).length;
    const bytes = Math.min(1 / channel.length, 1 / moving);
    return { bytes, latency: (1 - movers * bytes) / (channel.length - movers) };
  };
  nextBackground();
  let arrival = exponential(1 / device.guestPerS);
  while (now < device.seconds) {
    admit();
    const moving = channels.reduce((sum, on) => sum + on.filter(({ latency }) => latency <= TINY).length, 0);
    let step = Math.min(arrival, device.seconds) - now;
    if (queue.length > 0) step = Math.min(step, tokenAt - now);
    const busy = channels.filter((channel) => channel.length > 0);
    const rates = busy.map((channel) => speeds(channel, moving));
    for (const [c, channel] of busy.entries())
      for (const { latency, bytes } of channel)
        step = Math.min(step, latency > TINY ? latency / rates[c]!.latency : bytes / rates[c]!.bytes);
    now += step;
    for (const [c, channel] of busy.entries())
      for (const request of channel) {
        if (request.latency > TINY) request.latency -= step * rates[c]!.latency;
        else request.bytes -= step * rates[c]!.bytes;
      }
    for (const [c, channel] of channels.entries()) {
      const left = channel.filter(({ latency, bytes }) => latency > TINY || bytes > TINY);
      if (left.length === channel.length) continue;
      channels[c] = left;
      for (const request of channel) {
        if (left.includes(request)) continue;
        if (request.guest) {
          guest.seconds += now - request.since;
          guest.count++;
        } else {
          ended++;
          nextBackground();
        }
      }
    }
    if (now >= arrival) {
      ask(exponential(device.guestS - guestBytesS), guestBytesS, true);
      arrival = now + exponential(1 / device.guestPerS);
    }
  }
  return { guestS: guest.seconds / guest.count, requests: ended };
}
