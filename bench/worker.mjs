/**
 * A worker thread of `workers.ts`, on the built engine: multiplies for as long as it is told.
 * Plain JavaScript, because a thread does not inherit the TypeScript loader.
 */
import { parentPort } from "node:worker_threads";
import { createWasmEngine } from "../dist/numerics/engines/wasm.js";

const SIDE = 512;
const ROWS = 256;

const engine = createWasmEngine();
const address = { seed: 1, matrix: 0, block: 0, purpose: "calibration", row: 0 };
const weights = new Float32Array(SIDE * SIDE);
engine.fillNormals(weights, address);
const projection = engine.analog({
  inputs: SIDE,
  outputs: SIDE,
  blocks: [
    {
      rowBegin: 0,
      rowEnd: SIDE,
      colBegin: 0,
      colEnd: SIDE,
      weights,
      scale: new Float32Array(SIDE).fill(1),
      inputRange: 0,
    },
  ],
  periphery: {
    inputLevels: 127,
    outputLevels: 127,
    outputBound: 10,
    outputNoise: 0.04,
    readNoise: 0,
    irDrop: 0,
    irDropConductanceRatio: 1,
  },
  seed: 1,
  matrix: 0,
});
const x = new Float32Array(ROWS * SIDE);
engine.fillNormals(x, { ...address, row: 1 });
const y = new Float32Array(ROWS * SIDE);
const rowIds = Uint32Array.from({ length: ROWS }, (_, row) => row);

function callsWithin(ms) {
  const end = performance.now() + ms;
  let calls = 0;
  for (; performance.now() < end; calls++) projection.apply(x, ROWS, rowIds, y);
  return calls;
}

callsWithin(100);
parentPort.on("message", (ms) => parentPort.postMessage({ calls: callsWithin(ms) }));
parentPort.postMessage("ready");
