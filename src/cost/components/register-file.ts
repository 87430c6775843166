import { betweenNodes } from "../scaling.ts";

/** One bit written into and read from a flip-flop at 40 nm. */
const BIT_AT_40NM_pJ = 0.009;
/** FP16 multiply and add, measured at two nodes: registers shrink as the arithmetic next to them. */
const ARITHMETIC = [
  { node_nm: 45, value: 1.5 },
  { node_nm: 7, value: 0.5 },
] as const;

/**
 * Energy of an access to a register file of flip-flops, per word.
 *
 * For a few words next to a datapath. A file of kilobytes is an SRAM: give it a buffer's price.
 *
 * @source Aladdin (Shao et al., ISCA 2014) as carried by hwcomponents-library, 0.009 pJ a bit at
 *   40 nm; scaled between Horowitz (ISSCC 2014, 45 nm) and TPUv4i (Jouppi et al., ISCA 2021, 7 nm).
 */
export function registerAccess_pJ(word_bits: number, technology_nm: number): number {
  const [older, newer] = ARITHMETIC;
  const shrink = betweenNodes(older, newer, technology_nm) / betweenNodes(older, newer, 40);
  return word_bits * BIT_AT_40NM_pJ * shrink;
}
