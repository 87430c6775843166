import { E2M1_VALUES, E8M0_VALUES } from "./number-formats.ts";

/** Elements that share one scale. */
export const MXFP4_GROUP = 32;
/** Bytes of such a group: two elements a byte. */
export const MXFP4_GROUP_BYTES = MXFP4_GROUP / 2;

/**
 * Decodes MXFP4: FP4 elements, the lower half of each byte first, 32 of them to one E8M0 scale.
 *
 * @param blocks 16 bytes a group
 * @param scales one byte a group
 * @param values 32 numbers a group, overwritten
 * @source OCP Microscaling Formats (MX) Specification v1.0, section 5.2; order of the halves as in
 *   the gpt-oss checkpoints.
 */
export function decodeMxfp4(blocks: Uint8Array, scales: Uint8Array, values: Float32Array): void {
  for (let group = 0; group < scales.length; group++) {
    const scale = E8M0_VALUES[scales[group]!]!;
    const begin = group * MXFP4_GROUP_BYTES;
    for (let i = 0; i < MXFP4_GROUP_BYTES; i++) {
      const pair = blocks[begin + i]!;
      const at = 2 * (begin + i);
      values[at] = E2M1_VALUES[pair & 15]! * scale;
      values[at + 1] = E2M1_VALUES[pair >> 4]! * scale;
    }
  }
}
