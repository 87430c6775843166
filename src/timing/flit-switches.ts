import { createActiveSet, type FlitLanes } from "./flit-lanes.ts";

/** Lets flits pass from lanes to links. */
export interface Switches {
  readonly allocate: (cycle: number) => void;
}

interface Request {
  readonly input: number;
  readonly lane: number;
  readonly branch: number;
}

/**
 * One round: each input (the lanes behind one link) asks for the links that its lanes could send
 * to, one lane for each; each link grants one input, each input accepts one grant. Who has been
 * served goes to the back.
 */
export function createSwitches(
  lanes: FlitLanes,
  linkCount: number,
  channels: number,
  pass: (lane: number, branch: number) => void,
): Switches {
  const inputs = createActiveSet(linkCount);
  const outputs = createActiveSet(linkCount);
  const granted = createActiveSet(linkCount);
  const requests = Array.from({ length: linkCount }, (): Request[] => []);
  const grants = Array.from({ length: linkCount }, (): Request[] => []);
  const firstLane = new Int32Array(linkCount);
  const firstInput = new Int32Array(linkCount);
  const firstOutput = new Int32Array(linkCount);

  const ask = (input: number, cycle: number): void => {
    for (let turn = 0; turn < channels; turn++) {
      const lane = input * channels + ((firstLane[input]! + turn) % channels);
      if (lanes.packetOf(lane) < 0) continue;
      const first = lanes.firstBranch(lane);
      for (let branch = first; branch < first + lanes.branches(lane); branch++) {
        if (!lanes.canMove(lane, branch, cycle)) continue;
        const output = lanes.linkOf(branch);
        if (requests[output]!.at(-1)?.input === input) continue;
        requests[output]!.push({ input, lane, branch });
        outputs.add(output);
      }
    }
  };

  const grant = (output: number): void => {
    const all = requests[output]!;
    const chosen = inTurn(
      all,
      ({ input }) => (input - firstInput[output]! + linkCount) % linkCount,
    );
    grants[chosen.input]!.push(chosen);
    granted.add(chosen.input);
    all.length = 0;
  };

  const accept = (input: number): void => {
    const all = grants[input]!;
    const outputOf = ({ branch }: Request): number => lanes.linkOf(branch);
    const chosen = inTurn(all, (r) => (outputOf(r) - firstOutput[input]! + linkCount) % linkCount);
    const output = outputOf(chosen);
    all.length = 0;
    firstOutput[input] = output + 1;
    firstInput[output] = input + 1;
    firstLane[input] = (chosen.lane + 1) % channels;
    pass(chosen.lane, chosen.branch);
  };

  return {
    allocate: (cycle) => {
      for (let i = 0; i < lanes.active.size(); i++)
        inputs.add(Math.floor(lanes.active.at(i) / channels));
      empty(inputs, (input) => ask(input, cycle));
      empty(outputs, grant);
      empty(granted, accept);
    },
  };
}

function empty(set: ReturnType<typeof createActiveSet>, visit: (member: number) => void): void {
  while (set.size() > 0) {
    const member = set.at(set.size() - 1);
    set.remove(member);
    visit(member);
  }
}

/** The request that is nearest in turn. */
function inTurn(requests: readonly Request[], distanceOf: (request: Request) => number): Request {
  let best = requests[0]!;
  for (const request of requests) if (distanceOf(request) < distanceOf(best)) best = request;
  return best;
}
