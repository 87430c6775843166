/** Random numbers of one forward pass of one vector, by address. */
import { fillNormals, fillUniforms, type NoiseAddress, type Purpose } from "../../random/philox.ts";

/** Where the noise of a crossbar's reads is addressed. */
export type ReadAddress = Pick<NoiseAddress, "seed" | "matrix" | "block">;

export interface Draws {
  /** Standard normals, fresh for each purpose, vector and turn. */
  readonly normals: (purpose: Purpose, count: number, turn: number) => Float32Array;
  /** Uniform in -0.5..0.5. */
  readonly dithers: (purpose: Purpose, count: number, turn: number) => Float32Array;
}

/** Turns of a vector: passes of rounds of bound management. */
const TURNS = 64;

/** @param row which vector it is: token or sample */
export function createDraws({ seed, matrix, block }: ReadAddress, row: number): Draws {
  const at = (purpose: Purpose, turn: number): NoiseAddress => {
    if (turn >= TURNS) throw new Error(`more than ${TURNS} reads of one vector`);
    return { seed, matrix, block: block * TURNS + turn, purpose, row };
  };
  return {
    normals: (purpose, count, turn) => {
      const out = new Float32Array(count);
      fillNormals(out, at(purpose, turn));
      return out;
    },
    dithers: (purpose, count, turn) => {
      const out = new Float32Array(count);
      fillUniforms(out, at(purpose, turn));
      return out.map((u) => u - 0.5);
    },
  };
}
