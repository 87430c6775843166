/** Searches: which points are evaluated, batch after batch. */
import { unreachable } from "../../units/exhaustive.ts";
import type { Point } from "../points.ts";
import type { Space } from "../space.ts";
import { createNsga2 } from "./nsga2.ts";
import { fullFactorial, latinHypercube, sobolSamples } from "./samples.ts";
import type { Search } from "./search.ts";

/** Hands out all points at once and learns nothing. */
function once(most_points: number, points: () => Iterable<Point>): Search {
  let handedOut = false;
  return {
    most_points,
    learns: false,
    next: () => {
      if (handedOut) return null;
      handedOut = true;
      return points();
    },
    tell: () => {},
  };
}

export function createSearch(space: Space): Search {
  const { search, combinations } = space;
  switch (search.kind) {
    case "full":
      return once(combinations, () => fullFactorial(space));
    case "latin-hypercube":
      return once(search.points, () => latinHypercube(space, search.points, search.seed));
    case "sobol":
      return once(search.points, () => sobolSamples(space, search.points));
    case "nsga2":
      return createNsga2(space, search);
    default:
      return unreachable(search);
  }
}
