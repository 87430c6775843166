/** For each place the times at which it is taken. */
export interface Calendars {
  /**
   * Takes the first free interval of that length from `earliest_ps` on; returns its begin.
   *
   * @param now_ps never decreases from call to call, and is not after `earliest_ps`; intervals that
   *   are over by then are forgotten
   */
  readonly take: (
    place: number,
    now_ps: number,
    earliest_ps: number,
    duration_ps: number,
  ) => number;
  /** The same at two places at once: the first interval that is free at both. */
  readonly takeBoth: (
    one: number,
    other: number,
    now_ps: number,
    earliest_ps: number,
    duration_ps: number,
  ) => number;
}

const NONE = -1;

/**
 * One list of disjoint, non-touching intervals per place, in the order of time.
 *
 * A list is as long as the place's future is fragmented. A search begins at the last interval, where
 * most reservations belong, or at the place of the place's previous reservation, or at the front:
 * whichever is the latest that is not too late.
 */
export function createCalendars(placeCount: number): Calendars {
  const first = new Int32Array(placeCount).fill(NONE);
  const last = new Int32Array(placeCount).fill(NONE);
  const recent = new Int32Array(placeCount).fill(NONE);
  const found = new Int32Array(placeCount);
  const pool = createIntervalPool();

  /** Drops what is over. */
  const prune = (place: number, now_ps: number): void => {
    let slot = first[place]!;
    while (slot !== NONE && pool.end_ps(slot) <= now_ps) {
      if (slot === recent[place]) recent[place] = NONE;
      slot = pool.remove(slot);
    }
    first[place] = slot;
    if (slot === NONE) last[place] = NONE;
  };

  /** An interval that does not begin after `earliest_ps`; NONE if there is none to be sure of. */
  const searchFrom = (place: number, earliest_ps: number): number => {
    let slot = last[place]!;
    if (slot !== NONE && pool.begin_ps(slot) <= earliest_ps) return slot;
    slot = recent[place]!;
    if (slot !== NONE && pool.begin_ps(slot) <= earliest_ps) return slot;
    slot = first[place]!;
    if (slot !== NONE && pool.begin_ps(slot) <= earliest_ps) return slot;
    return NONE;
  };

  const insert = (place: number, before: number, from_ps: number, to_ps: number): void => {
    const after = before === NONE ? first[place]! : pool.next(before);
    const joinsBefore = before !== NONE && pool.end_ps(before) === from_ps;
    const joinsAfter = after !== NONE && pool.begin_ps(after) === to_ps;
    if (joinsBefore) {
      pool.setEnd(before, joinsAfter ? pool.end_ps(after) : to_ps);
      if (joinsAfter) {
        if (last[place] === after) last[place] = before;
        pool.setNext(before, pool.remove(after));
      }
      recent[place] = before;
    } else if (joinsAfter) {
      pool.setBegin(after, from_ps);
      recent[place] = after;
    } else {
      const slot = pool.add(from_ps, to_ps, after);
      if (before === NONE) first[place] = slot;
      else pool.setNext(before, slot);
      if (after === NONE) last[place] = slot;
      recent[place] = slot;
    }
  };

  /** First begin of a free interval; `found[place]` is then the interval before it. */
  const find = (place: number, earliest_ps: number, duration_ps: number): number => {
    let before = searchFrom(place, earliest_ps);
    let slot = before === NONE ? first[place]! : pool.next(before);
    let from_ps = before === NONE ? earliest_ps : Math.max(earliest_ps, pool.end_ps(before));
    while (slot !== NONE && pool.begin_ps(slot) < from_ps + duration_ps) {
      from_ps = Math.max(from_ps, pool.end_ps(slot));
      before = slot;
      slot = pool.next(slot);
    }
    found[place] = before;
    return from_ps;
  };

  return {
    take: (place, now_ps, earliest_ps, duration_ps) => {
      prune(place, now_ps);
      const from_ps = find(place, earliest_ps, duration_ps);
      insert(place, found[place]!, from_ps, from_ps + duration_ps);
      return from_ps;
    },
    takeBoth: (one, other, now_ps, earliest_ps, duration_ps) => {
      prune(one, now_ps);
      prune(other, now_ps);
      let from_ps = find(one, earliest_ps, duration_ps);
      let both_ps = find(other, from_ps, duration_ps);
      while (both_ps !== from_ps) {
        from_ps = find(one, both_ps, duration_ps);
        both_ps = from_ps === both_ps ? both_ps : find(other, from_ps, duration_ps);
      }
      insert(one, found[one]!, from_ps, from_ps + duration_ps);
      insert(other, found[other]!, from_ps, from_ps + duration_ps);
      return from_ps;
    },
  };
}

/** Linked intervals in typed arrays that grow by doubling; removed ones are used again. */
function createIntervalPool() {
  let begin_ps = new Float64Array(1024);
  let end_ps = new Float64Array(1024);
  let next = new Int32Array(1024);
  let used = 0;
  let spare = NONE;

  const grow = (): void => {
    const old = { begin_ps, end_ps, next };
    begin_ps = new Float64Array(2 * used);
    end_ps = new Float64Array(2 * used);
    next = new Int32Array(2 * used);
    begin_ps.set(old.begin_ps);
    end_ps.set(old.end_ps);
    next.set(old.next);
  };

  return {
    begin_ps: (slot: number): number => begin_ps[slot]!,
    end_ps: (slot: number): number => end_ps[slot]!,
    next: (slot: number): number => next[slot]!,
    setBegin: (slot: number, time_ps: number): void => {
      begin_ps[slot] = time_ps;
    },
    setEnd: (slot: number, time_ps: number): void => {
      end_ps[slot] = time_ps;
    },
    setNext: (slot: number, successor: number): void => {
      next[slot] = successor;
    },
    add: (from_ps: number, to_ps: number, successor: number): number => {
      let slot = spare;
      if (slot === NONE) {
        if (used === next.length) grow();
        slot = used++;
      } else spare = next[slot]!;
      begin_ps[slot] = from_ps;
      end_ps[slot] = to_ps;
      next[slot] = successor;
      return slot;
    },
    /** Returns the successor. */
    remove: (slot: number): number => {
      const successor = next[slot]!;
      next[slot] = spare;
      spare = slot;
      return successor;
    },
  };
}
