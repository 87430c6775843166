/** Numbers of pairs of a node and a set of nodes. */
export interface NodeSets {
  /** The number that the pair was added with, in whatever order its nodes were; -1: it was not. */
  readonly find: (from: number, to: readonly number[]) => number;
  readonly add: (from: number, to: readonly number[], value: number) => void;
}

interface Entry {
  readonly from: number;
  readonly to: readonly number[];
  readonly value: number;
  /** The next entry with the same hash. */
  readonly next: Entry | undefined;
}

/** Looks sets up by a hash that does not depend on the order of their nodes, then node by node. */
export function createNodeSets(nodes: number): NodeSets {
  const entries = new Map<number, Entry>();
  const lastSeen = new Int32Array(nodes);
  let turn = 0;

  /** The nodes of a set are distinct, so equally long sets are equal if one is within the other. */
  const isSame = (entry: Entry, from: number, to: readonly number[]): boolean => {
    if (entry.from !== from || entry.to.length !== to.length) return false;
    for (let i = 0; i < to.length; i++) if (lastSeen[entry.to[i]!] !== turn) return false;
    return true;
  };

  return {
    find: (from, to) => {
      let entry = entries.get(hashOf(from, to));
      if (entry === undefined) return -1;
      turn++;
      for (let i = 0; i < to.length; i++) lastSeen[to[i]!] = turn;
      while (entry !== undefined && !isSame(entry, from, to)) entry = entry.next;
      return entry?.value ?? -1;
    },
    add: (from, to, value) => {
      const hash = hashOf(from, to);
      entries.set(hash, { from, to, value, next: entries.get(hash) });
    },
  };
}

/** A sum of scrambled node numbers. @source the finaliser of MurmurHash3, A. Appleby, public domain */
function hashOf(from: number, to: readonly number[]): number {
  let sum = from + 1;
  for (let i = 0; i < to.length; i++) {
    let h = to[i]! + 1;
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    sum = (sum + (h ^ (h >>> 16))) | 0;
  }
  return sum;
}
