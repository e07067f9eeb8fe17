/** A message that is not what it should be. `field` names what is wrong, as in the protocol's tables. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
  readonly field: string;

  constructor(field: string, message: string) {
    super(`${field}: ${message}`);
    this.field = field;
  }
}
