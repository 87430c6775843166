/** Writes one event of the Trace Event Format. */
export type Emit = (event: Readonly<Record<string, unknown>>) => void;
