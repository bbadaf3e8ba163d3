/** The service cannot listen where it was told to. */
export class UnusableAddressError extends Error {
  readonly code = 'unusable-address';

  constructor(host: string, port: number, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(
      `It cannot listen on ${host}, port ${String(port)}: ${reason}. PORT chooses another port, HOST another address, ` +
        'such as 127.0.0.1 (this machine alone) or 0.0.0.0 (all).',
      { cause },
    );
    this.name = 'UnusableAddressError';
  }
}
