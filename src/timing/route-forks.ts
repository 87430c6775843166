import type { RouteTable } from "./graph.ts";

/** For each link of each route the links that follow it. */
export interface RouteForks {
  /** @param at index into `routes.links` */
  readonly count: (at: number) => number;
  /** Place within the route of the i-th of them. */
  readonly next: (at: number, i: number) => number;
  /** Last links of a route. */
  readonly ends: (route: number) => number;
  /** Most links that follow one. */
  readonly widest: number;
}

export function createRouteForks({ begin, links, parent }: RouteTable): RouteForks {
  const first = new Int32Array(links.length + 1);
  const ends = new Int32Array(begin.length - 1);
  for (let route = 0; route < ends.length; route++)
    for (let at = begin[route]!; at < begin[route + 1]!; at++)
      if (parent[at]! >= 0) first[begin[route]! + parent[at]! + 1]!++;
  let widest = 0;
  for (let route = 0; route < ends.length; route++)
    for (let at = begin[route]!; at < begin[route + 1]!; at++) {
      widest = Math.max(widest, first[at + 1]!);
      if (first[at + 1] === 0) ends[route]!++;
    }
  for (let at = 0; at < links.length; at++) first[at + 1]! += first[at]!;
  const place = first.slice();
  const next = new Int32Array(first[links.length]!);
  for (let route = 0; route < ends.length; route++)
    for (let at = begin[route]!; at < begin[route + 1]!; at++)
      if (parent[at]! >= 0) next[place[begin[route]! + parent[at]!]!++] = at - begin[route]!;
  return {
    count: (at) => first[at + 1]! - first[at]!,
    next: (at, i) => next[first[at]! + i]!,
    ends: (route) => ends[route]!,
    widest,
  };
}
