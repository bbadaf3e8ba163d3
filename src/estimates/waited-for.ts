/** An answer that a client has waited for no longer than it wanted to. */
export class WaitedFor {
  constructor(
    readonly answer: object,
    readonly applied: string,
  ) {}
}
