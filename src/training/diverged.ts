/** Training that cannot go on: the loss left the numbers. */
export class DivergedError extends Error {
  /** Steps done before the one that failed. */
  readonly step: number;
  readonly loss_nats: number;
  constructor(step: number, loss_nats: number) {
    super(`training diverged in step ${step + 1}: loss ${loss_nats} nats`);
    this.name = "DivergedError";
    this.step = step;
    this.loss_nats = loss_nats;
  }
}
