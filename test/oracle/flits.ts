/** One packet on a mesh of k x k routers. */
export interface FlitPacket {
  readonly created: number;
  readonly from: number;
  readonly to: number;
  readonly flits: number;
}

interface Flit {
  readonly packet: number;
  readonly isHead: boolean;
  readonly isTail: boolean;
}

/** A virtual channel of an input port: its flits, when each may leave, and where they go. */
interface Lane {
  readonly flits: { readonly flit: Flit; readonly ready: number }[];
  /** Virtual channel of the next router that the packet at the front has; -1 before it has one. */
  channel: number;
}

const PORTS = 5;
const LOCAL = 4;

/**
 * A mesh of input-queued routers, flit by flit and cycle by cycle: x before y, virtual channels that
 * a packet holds from head to tail, credits, one flit per input and output port and cycle.
 *
 * Slow and plain. A flit may leave `stages` cycles after it came; one more brings it over the
 * channel. Arbitration is in turn. Credits return at once, so buffers are a little more useful
 * than in hardware.
 *
 * @returns latency of each packet, creation to last flit, cycles
 */
export function latenciesByFlits(
  mesh: { k: number; channels: number; depth: number; stages: number },
  packets: readonly FlitPacket[],
): number[] {
  const { k, channels, depth, stages } = mesh;
  const nodes = k * k;
  const lane = (): Lane => ({ flits: [], channel: -1 });
  const lanes = Array.from({ length: nodes * (PORTS + 1) * channels }, lane);
  const laneAt = (node: number, port: number, channel: number): Lane =>
    lanes[(node * PORTS + port) * channels + channel]!;
  const freeFrom = new Float64Array(lanes.length); // when the next packet may be given the lane
  const turn = new Int32Array(nodes * PORTS);
  const latency = packets.map(() => Number.NaN);
  const sources = Array.from({ length: nodes }, (): Flit[] => []);
  const sourceChannel = new Int32Array(nodes);
  const waiting = [...packets.keys()].sort((a, b) => packets[a]!.created - packets[b]!.created);
  let left = packets.length;

  const outputOf = (node: number, to: number): number => {
    if (to % k !== node % k) return to % k > node % k ? 0 : 1;
    if (to === node) return LOCAL;
    return to > node ? 2 : 3;
  };
  /** The lane that an output leads to: of the next router, or, not buffered, of the node. */
  const laneBehind = (node: number, output: number, channel: number): number =>
    output === LOCAL
      ? (nodes * PORTS + node) * channels + channel
      : ((node + [1, -1, k, -k][output]!) * PORTS + (output ^ 1)) * channels + channel;

  /** The front flit of an input lane, if it may pass the switch in this cycle. */
  const candidate = (node: number, input: number, output: number, now: number): boolean => {
    const from = lanes[node * PORTS * channels + input]!;
    const front = from.flits[0];
    if (front === undefined || front.ready > now) return false;
    if (outputOf(node, packets[front.flit.packet]!.to) !== output) return false;
    for (let c = 0; c < channels && from.channel === -1; c++)
      if (freeFrom[laneBehind(node, output, c)]! <= now) {
        from.channel = c;
        freeFrom[laneBehind(node, output, c)] = Infinity;
      }
    if (from.channel === -1) return false;
    return lanes[laneBehind(node, output, from.channel)]!.flits.length < depth;
  };

  const pass = (node: number, input: number, output: number, now: number): void => {
    const from = lanes[node * PORTS * channels + input]!;
    const { flit } = from.flits.shift()!;
    const lane = laneBehind(node, output, from.channel);
    if (output !== LOCAL) lanes[lane]!.flits.push({ flit, ready: now + 1 + stages });
    if (!flit.isTail) return;
    freeFrom[lane] = now + 2;
    from.channel = -1;
    if (output !== LOCAL) return;
    latency[flit.packet] = now + 2 - packets[flit.packet]!.created;
    left--;
  };

  for (let now = 0; left > 0; now++) {
    while (waiting.length > 0 && packets[waiting[0]!]!.created <= now) {
      const packet = waiting.shift()!;
      const { from, flits } = packets[packet]!;
      for (let f = 0; f < flits; f++)
        sources[from]!.push({ packet, isHead: f === 0, isTail: f === flits - 1 });
    }
    for (let node = 0; node < nodes; node++) {
      const usedInputs = new Set<number>();
      for (let output = 0; output < PORTS; output++) {
        const slots = PORTS * channels;
        const start = turn[node * PORTS + output]!;
        for (let i = 0; i < slots; i++) {
          const input = (start + i) % slots;
          const port = Math.floor(input / channels);
          if (usedInputs.has(port) || !candidate(node, input, output, now)) continue;
          usedInputs.add(port);
          turn[node * PORTS + output] = input + 1;
          pass(node, input, output, now);
          break;
        }
      }
      inject(node, now);
    }
  }
  return latency;

  function inject(node: number, now: number): void {
    const flit = sources[node]![0];
    if (flit === undefined) return;
    if (flit.isHead) {
      const lengths = Array.from(
        { length: channels },
        (_, c) => laneAt(node, LOCAL, c).flits.length,
      );
      sourceChannel[node] = lengths.indexOf(Math.min(...lengths));
    }
    const into = laneAt(node, LOCAL, sourceChannel[node]!);
    if (into.flits.length >= depth) return;
    sources[node]!.shift();
    into.flits.push({ flit, ready: now + 1 + stages });
  }
}
