/** Where in a checkpoint the numbers of one matrix or vector are. */

/** Which rows of a tensor that holds two matrices belong to one of them. */
export const TAKES = {
  all: { tensors: 1, begin: 0, step: 1 },
  "first-half": { tensors: 2, begin: 0, step: 1 },
  "second-half": { tensors: 2, begin: 1, step: 1 },
  even: { tensors: 2, begin: 0, step: 2 },
  odd: { tensors: 2, begin: 1, step: 2 },
} as const;
export type Take = keyof typeof TAKES;

export interface Place {
  /** Name in the file; for MXFP4 the stem, to which `_blocks` and `_scales` are added. */
  readonly tensor: string;
  readonly encoding: "plain" | "mxfp4";
  /** Index into the first dimension of a tensor that holds all experts of a layer; -1: none. */
  readonly expert: number;
  readonly take: Take;
  /** `input-first`: stored as [inputs][outputs], the transpose of what is asked for. */
  readonly order: "output-first" | "input-first";
}

/** A tensor of its own, [outputs][inputs]. */
export const whole = (tensor: string): Place => ({
  tensor,
  encoding: "plain",
  expert: -1,
  take: "all",
  order: "output-first",
});

/** A slice of a tensor that holds all experts of a layer. */
export const slice = (
  tensor: string,
  expert: number,
  take: Take,
  form: Partial<Pick<Place, "encoding" | "order">> = {},
): Place => ({ ...whole(tensor), expert, take, ...form });

/** What is asked for: [outputs][inputs], or a vector with inputs 1. */
export interface Extent {
  readonly outputs: number;
  readonly inputs: number;
  readonly isVector: boolean;
}

/** Rows of the stored tensor, output side, all matrices in it together. */
export const storedRows = ({ take }: Place, { outputs }: Extent): number =>
  TAKES[take].tensors * outputs;

/** Stored row of the first output, and the distance to that of the next. */
export function rowsOf({ take }: Place, { outputs }: Extent): { begin: number; step: number } {
  const { begin, step } = TAKES[take];
  return { begin: step === 1 ? begin * outputs : begin, step };
}

/** The shape that the stored tensor must have. */
export function storedShape(place: Place, extent: Extent, experts: number): readonly number[] {
  const rows = storedRows(place, extent);
  const leading = place.expert < 0 ? [] : [experts];
  if (extent.isVector) return [...leading, rows];
  return place.order === "output-first"
    ? [...leading, rows, extent.inputs]
    : [...leading, extent.inputs, rows];
}
