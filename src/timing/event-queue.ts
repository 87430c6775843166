import { createTimeHeap, type TimeHeap } from "./heap.ts";

/** Width of a bucket: events closer together than that are sorted by a heap. */
const BUCKET_PS = 1024;
/** Buckets of the wheel, a power of two; together they look 4.2 us ahead. */
const BUCKETS = 4096;
const WORDS = BUCKETS / 32;
const NONE = -1;

/**
 * Pending events whose times never lie before the one taken last.
 *
 * A timing wheel between two heaps: events of the bucket that time has reached are in the first
 * heap, those of the next few microseconds in the wheel, each in the list of its bucket, and those
 * beyond in the second heap until the wheel comes near. Both heaps stay small, so an event costs
 * about the same however many are pending; the order is exactly that of one heap.
 *
 * @source Varghese and Lauck, "Hashed and hierarchical timing wheels", SOSP 1987.
 */
export function createEventQueue(): TimeHeap {
  const now = createTimeHeap();
  const later = createTimeHeap();
  const first = new Int32Array(BUCKETS).fill(NONE);
  const occupied = new Int32Array(WORDS);
  const pool = createEventPool();
  /** The bucket that time has reached, counted from 0 ps on, and its place in the wheel. */
  let bucket = 0;
  let place = 0;
  let inWheel = 0;

  const pushAhead = (time_ps: number, id: number, ahead: number): void => {
    const at = (place + ahead) & (BUCKETS - 1);
    first[at] = pool.add(time_ps, id, first[at]!);
    occupied[at >> 5]! |= 1 << (at & 31);
    inWheel++;
  };

  const push = (time_ps: number, id: number): void => {
    const ahead = Math.floor(time_ps / BUCKET_PS) - bucket;
    if (ahead <= 0) now.push(time_ps, id);
    else if (ahead < BUCKETS) pushAhead(time_ps, id, ahead);
    else later.push(time_ps, id);
  };

  /** Goes on to that bucket, which is empty or the first one with an event. */
  const goTo = (ahead: number): void => {
    bucket += ahead;
    place = (place + ahead) & (BUCKETS - 1);
    for (let event = first[place]!; event !== NONE; event = pool.remove(event)) {
      now.push(pool.time_ps(event), pool.id(event));
      inWheel--;
    }
    first[place] = NONE;
    occupied[place >> 5]! &= ~(1 << (place & 31));
    while (later.peek_ps() < (bucket + BUCKETS) * BUCKET_PS) push(later.peek_ps(), later.pop());
  };

  /** Makes the first heap hold the next events, if there are any. */
  const advance = (): void => {
    if (inWheel > 0) goTo(distanceToNext(occupied, place));
    else if (later.peek_ps() < Infinity) goTo(Math.floor(later.peek_ps() / BUCKET_PS) - bucket);
  };

  return {
    peek_ps: () => {
      if (now.peek_ps() === Infinity) advance();
      return now.peek_ps();
    },
    push,
    pop: () => {
      if (now.peek_ps() === Infinity) advance();
      return now.pop();
    },
  };
}

/** How far the next set bit is from `place`, going round; there is one, and not at `place`. */
function distanceToNext(words: Int32Array, place: number): number {
  const start = place >> 5;
  let word = words[start]! & (-2 << (place & 31));
  if ((place & 31) === 31) word = 0;
  for (let w = start; ; ) {
    if (word !== 0) {
      const at = (w << 5) + 31 - Math.clz32(word & -word);
      return (at - place + BUCKETS) & (BUCKETS - 1);
    }
    w = (w + 1) & (WORDS - 1);
    word = words[w]!;
  }
}

/** Linked events in typed arrays that grow by doubling; removed ones are used again. */
function createEventPool() {
  let time_ps = new Float64Array(1024);
  let ids = new Int32Array(1024);
  let next = new Int32Array(1024);
  let used = 0;
  let spare = NONE;

  const grow = (): void => {
    const old = { time_ps, ids, next };
    time_ps = new Float64Array(2 * used);
    ids = new Int32Array(2 * used);
    next = new Int32Array(2 * used);
    time_ps.set(old.time_ps);
    ids.set(old.ids);
    next.set(old.next);
  };

  return {
    time_ps: (event: number): number => time_ps[event]!,
    id: (event: number): number => ids[event]!,
    add: (t_ps: number, id: number, successor: number): number => {
      let event = spare;
      if (event === NONE) {
        if (used === next.length) grow();
        event = used++;
      } else spare = next[event]!;
      time_ps[event] = t_ps;
      ids[event] = id;
      next[event] = successor;
      return event;
    },
    /** Returns the successor. */
    remove: (event: number): number => {
      const successor = next[event]!;
      next[event] = spare;
      spare = event;
      return successor;
    },
  };
}
