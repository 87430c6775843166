/** Writes the shipped minimal pairs: npx tsx scripts/write-pairs.ts */
import { writeFileSync } from "node:fs";
import { generatePairs, PAIRS_FILE } from "./pairs/generate.ts";

writeFileSync(PAIRS_FILE, generatePairs());
