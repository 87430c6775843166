/** OpenBLAS of the system, through koffi: used when both are there, never needed. */
import type { Native } from "../numerics/engines/index.ts";

/** Names under which systems have the library. */
const LIBRARIES = ["libopenblas.so.0", "libopenblas.so", "libopenblas.dylib", "libopenblas.dll"];

/** Constants of the C interface of BLAS. */
const ROW_MAJOR = 101;
const NO_TRANSPOSE = 111;
const TRANSPOSE = 112;

const SGEMM =
  "void cblas_sgemm(int, int, int, int, int, int, float, const float *, int, const float *, int, float, float *, int)";
const SET_THREADS = "void openblas_set_num_threads(int)";

/** One thread, since workers already use every core. */
export async function loadBlas(): Promise<Native> {
  try {
    const { default: koffi } = await import("koffi");
    const library = firstOf(LIBRARIES, (name) => koffi.load(name));
    const sgemm = library.func(SGEMM);
    library.func(SET_THREADS)(1);
    return {
      reason: null,
      product: (x, rows, weights, outputs, inputs, y) => {
        const head = [ROW_MAJOR, NO_TRANSPOSE, TRANSPOSE, rows, outputs, inputs, 1];
        sgemm(...head, x, inputs, weights, inputs, 0, y, outputs);
      },
    };
  } catch (error) {
    return { product: null, reason: error instanceof Error ? error.message : String(error) };
  }
}

function firstOf<T>(names: readonly string[], load: (name: string) => T): T {
  for (const name of names) {
    try {
      return load(name);
    } catch {
      // The next name may be the one that this system uses.
    }
  }
  throw new Error(`no OpenBLAS (${names.join(", ")})`);
}
