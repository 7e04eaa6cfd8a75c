/**
 * A guest without an operating system: one boot sector, which makes pages of its memory not zero and then, on every
 * tick of the timer, writes to so many pages of its working set, each drawn at random. Both are spread evenly, as the
 * model takes them to be. It sleeps in between, and counts its writes, so that the rate is known and not assumed.
 */

/** Where the firmware puts it. The first MiB is the firmware's; what is filled begins behind it. */
const LOADED_AT = 0x7c00;
const PAGE_BYTES = 4096;
/** Input of the timer of a PC. */
const TIMER_HZ = 1_193_182;
/** Ticks a second. */
const TICKS_PER_S = 1000;

/** The program, in real mode with `fs` reaching all of memory, assembled by GNU as. */
const CODE = `
fa                              ; cli
31 c0 8e d8 8e c0 8e d0         ; ds, es, ss = 0
bc 00 7c                        ; sp = 7c00
66 0f 01 16 c8 7c               ; lgdt
0f 20 c0 0c 01 0f 22 c0         ; cr0 |= 1: protected mode
eb 00                           ; jmp, to empty the pipeline
bb 08 00 8e e3                  ; fs = the segment of 4 GiB
24 fe 0f 22 c0                  ; cr0 &= ~1: real mode, fs keeps its limit
31 db 8e e3                     ; fs = 0
66 bf 00 00 10 00               ; edi = 1 MiB
66 8b 0e ce 7c                  ; ecx = pages to fill
67 e3 10                        ; fill: none left? go on
64 67 66 89 3f                  ; the page begins with its address
66 81 c7 00 10 00 00            ; edi += from one such page to the next
66 49 eb ed                     ; ecx -= 1; back to fill
c7 06 20 00 ab 7c               ; vector of the timer = tick
c7 06 22 00 00 00
b0 34 e6 43                     ; timer 0: periodic
a1 da 7c e6 40 88 e0 e6 40
b0 fe e6 21 b0 ff e6 a1         ; of the interrupts only that of the timer (none, if it writes nothing)
66 bb 39 30 00 00               ; ebx = seed
fb                              ; sti
f4                              ; sleep: hlt
66 8b 0e d2 7c                  ; ecx = pages a tick
67 e3 f7                        ; write: none left? sleep
66 69 db 0d 66 19 00            ; ebx = ebx x 1664525 + 1013904223
66 81 c3 5f f3 6e 3c
66 89 d8                        ; eax = its upper bits
8a 16 dc 7c 86 ca 66 d3 e8 86 ca
66 c1 e0 0c                     ; x from one page of the working set to the next
64 67 66 ff 80 00 00 10 00      ; that page of the working set += 1
66 ff 06 d6 7c                  ; count += 1
66 49 eb cb                     ; ecx -= 1; back to write
50 b0 20 e6 20 58 cf            ; tick: end of interrupt, iret
`;
const AT = {
  tables: 0xb8,
  fillStep: 0x40,
  mask: 0x62,
  setShift: 0x98,
  fillPages: 0xce,
  pagesPerTick: 0xd2,
  count: 0xd6,
  divisor: 0xda,
  shift: 0xdc,
} as const;
/** Descriptors: none, data of 4 GiB; then where they are. */
const TABLES = [0, 0, 0x0000ffff, 0x00cf9200] as const;

/** Where the guest counts its writes: 32 bits, physical address. */
export const COUNTER_ADDRESS = LOADED_AT + AT.count;

/** Sizes are powers of two. */
export interface DirtyGuest {
  /** Its memory but for the first MiB, and what of it is not zero. */
  readonly spanBytes: number;
  readonly usedBytes: number;
  /** Of what is used; at least two pages. */
  readonly workingSetBytes: number;
  /** A whole number of pages a tick. */
  readonly pagesPerS: number;
}

/** The 512 bytes. */
export function bootSector({ spanBytes, usedBytes, workingSetBytes, pagesPerS }: DirtyGuest): Buffer {
  const sector = Buffer.alloc(512);
  const bytes = CODE.split('\n').flatMap((line) => line.split(';')[0]!.match(/[0-9a-f]{2}/g) ?? []);
  sector.set(bytes.map((byte) => Number.parseInt(byte, 16)));
  for (const [i, word] of TABLES.entries()) sector.writeUInt32LE(word, AT.tables + 4 * i);
  sector.writeUInt16LE(4 * TABLES.length - 1, 0xc8);
  sector.writeUInt32LE(LOADED_AT + AT.tables, 0xca);
  sector.writeUInt32LE(usedBytes / PAGE_BYTES, AT.fillPages);
  sector.writeUInt32LE((PAGE_BYTES * spanBytes) / usedBytes, AT.fillStep);
  sector.writeUInt32LE(Math.round(pagesPerS / TICKS_PER_S), AT.pagesPerTick);
  sector.writeUInt16LE(Math.round(TIMER_HZ / TICKS_PER_S), AT.divisor);
  // A tick writes to the stack: a guest at rest has none.
  if (pagesPerS === 0) sector.writeUInt8(0xff, AT.mask);
  sector.writeUInt8(32 - Math.log2(workingSetBytes / PAGE_BYTES), AT.shift);
  sector.writeUInt8(Math.log2((PAGE_BYTES * spanBytes) / workingSetBytes), AT.setShift);
  sector.writeUInt16LE(0xaa55, 510);
  return sector;
}
