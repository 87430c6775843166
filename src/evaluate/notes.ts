/** What a reader of the figures should know of how they came about. */
import { crossbarWrite } from "../cost/components/programming.ts";
import type { DigitalPart } from "../lowering/cores.ts";
import type { GroupLowering } from "../lowering/lower.ts";
import { kvCache_B } from "../lowering/room.ts";
import { type Mapping, matrixOfBlock } from "../mapping/mapping.ts";
import type { Arch } from "../model/arch.ts";
import { flitRouters } from "../model/interconnect.ts";
import type { CostOptions } from "../model/run.ts";
import type { Workload } from "../model/workload.ts";

export function runNotes(
  arch: Arch,
  workload: Workload,
  digital: DigitalPart,
  kvMemory: number,
  { batch, prefill_tokens, decode_tokens, level }: CostOptions,
): string[] {
  const tokens = prefill_tokens + decode_tokens;
  const kv_B = kvCache_B(workload, batch, tokens, digital.activation_B);
  const notes = [
    `KV cache of ${batch} x ${tokens} tokens, ${kv_B} B, in ${arch.memories[kvMemory]!.name}`,
  ];
  if (tokens > workload.context_tokens)
    notes.push(`${tokens} tokens are more than the model's context of ${workload.context_tokens}`);
  if (flitRouters(arch.interconnect) !== null && level === "simulate")
    notes.push("the network is simulated flit by flit; waits are not explained");
  if (hasBiases(workload)) notes.push("biases are left out of time and energy");
  if (level !== "simulate") notes.push(`level ${level}: latencies are lower bounds`);
  return notes;
}

function hasBiases({ attention, moe, head_bias }: Workload): boolean {
  const inAttention = attention.kind === "heads" && (attention.qkv_bias || attention.output_bias);
  return inAttention || moe.expert_bias || moe.router.bias || head_bias;
}

/** How many assignments of tokens to experts a capacity limit has dropped. */
export function capacityNotes(
  { capacity_factor }: CostOptions,
  { assignments: { assigned, dropped } }: Pick<GroupLowering, "assignments">,
): string[] {
  if (capacity_factor === undefined) return [];
  const share = assigned === 0 ? 0 : (100 * dropped) / assigned;
  return [
    `capacity factor ${capacity_factor}: ${dropped} of ${assigned} assignments of tokens to experts (${share.toFixed(1)} %) dropped; accuracy is that without a limit`,
  ];
}

/** What writing the weights takes once, and how often crossbars that experts share were rewritten. */
export function programmingNotes(
  arch: Arch,
  mapping: Mapping,
  { slotWrites }: GroupLowering,
): string[] {
  let once_pJ = 0;
  mapping.tileKind.forEach((kind, matrix) => {
    const begin = mapping.blockBegin[matrix]!;
    const blocks = mapping.blockBegin[matrix + 1]! - begin;
    if (blocks > 0 && mapping.tile[begin]! >= 0)
      once_pJ += blocks * crossbarWrite(arch.tiles[kind]!.programming).energy_pJ;
  });
  for (const { matrices, blockBegin, blockEnd, copies } of mapping.copies?.experts ?? []) {
    const { programming } = arch.tiles[mapping.tileKind[matrices[0]!]!]!;
    once_pJ += copies * (blockEnd - blockBegin) * crossbarWrite(programming).energy_pJ;
  }
  const notes =
    once_pJ === 0
      ? []
      : [`programming the crossbars before the run takes ${once_pJ} pJ, not in the totals`];
  if (mapping.slots === null) return notes;
  const kind = mapping.tileKind[matrixOfBlock(mapping, mapping.slots.experts[0]!.blockBegin)]!;
  const most = slotWrites.reduce((a, b) => Math.max(a, b), 0);
  const total = slotWrites.reduce((a, b) => a + b, 0);
  const { programming } = arch.tiles[kind]!;
  const wear = most * crossbarWrite(programming).writes;
  return [
    ...notes,
    `experts were written ${total} times; the most written crossbar ${wear} times of ${programming.endurance_writes} that it endures`,
  ];
}
