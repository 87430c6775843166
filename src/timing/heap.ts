/** Pending events, earliest first. Events of one instant come in any order. */
export interface TimeHeap {
  /** Time of the earliest entry; Infinity when empty. */
  readonly peek_ps: () => number;
  readonly push: (time_ps: number, id: number) => void;
  /** Removes an earliest entry and returns its id. Only when not empty. */
  readonly pop: () => number;
}

/** A binary heap over two typed arrays that grow by doubling. */
export function createTimeHeap(): TimeHeap {
  let time_ps = new Float64Array(1024);
  let ids = new Int32Array(1024);
  let size = 0;

  const grow = (): void => {
    const longerTime_ps = new Float64Array(2 * size);
    const longerIds = new Int32Array(2 * size);
    longerTime_ps.set(time_ps);
    longerIds.set(ids);
    time_ps = longerTime_ps;
    ids = longerIds;
  };

  return {
    peek_ps: () => (size > 0 ? time_ps[0]! : Infinity),
    push: (t_ps, id) => {
      if (size === ids.length) grow();
      let slot = size++;
      while (slot > 0) {
        const parent = (slot - 1) >> 1;
        if (t_ps >= time_ps[parent]!) break;
        time_ps[slot] = time_ps[parent]!;
        ids[slot] = ids[parent]!;
        slot = parent;
      }
      time_ps[slot] = t_ps;
      ids[slot] = id;
    },
    pop: () => {
      const top = ids[0]!;
      size--;
      const t_ps = time_ps[size]!;
      const id = ids[size]!;
      let slot = 0;
      for (;;) {
        let child = 2 * slot + 1;
        if (child >= size) break;
        if (child + 1 < size && time_ps[child + 1]! < time_ps[child]!) child++;
        if (time_ps[child]! >= t_ps) break;
        time_ps[slot] = time_ps[child]!;
        ids[slot] = ids[child]!;
        slot = child;
      }
      time_ps[slot] = t_ps;
      ids[slot] = id;
      return top;
    },
  };
}
