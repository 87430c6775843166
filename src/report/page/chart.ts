/** A figure of a report. */
export interface Chart {
  /** File name without ending, and anchor on the page. */
  readonly id: string;
  readonly title: string;
  /** SVG of about that width. */
  readonly draw: (width: number) => string;
  /** Drawn at any width alike: one drawing serves all screens. */
  readonly scales?: boolean;
}
