/**
 * Why a run got less than everything:
 * - `no_answer`: nothing came by the deadline; `late_answer`: not everything did
 * - `incomplete_answer`: the deadline or the end came in the middle of an answer
 * - `closed_early`: the peer closed with answers still to come
 * - `extra_bytes`: more came than was asked for; `garbage`: an answer that is none
 * - `unknown_dialect`: the probe's answer has no dialect's size; `no_end`: the peer did not close after it
 * - `bad_document`, `document_too_large`: of the extension
 * - `refused`, `busy`, `connect_failed`: no connection came about
 * - `socket_replaced`: the path leads elsewhere since it was checked
 * - `parked`: an earlier connection still owes answers; `deadline`: there was no time to begin
 * - `closed`: the source is being closed
 */
export type PeerFault =
  | 'no_answer'
  | 'late_answer'
  | 'incomplete_answer'
  | 'closed_early'
  | 'extra_bytes'
  | 'garbage'
  | 'unknown_dialect'
  | 'no_end'
  | 'bad_document'
  | 'document_too_large'
  | 'refused'
  | 'busy'
  | 'connect_failed'
  | 'socket_replaced'
  | 'parked'
  | 'deadline'
  | 'closed';

/** The server, or the way to it, was not as it should be. */
export class PeerError extends Error {
  override readonly name = 'PeerError';
  readonly fault: PeerFault;

  constructor(fault: PeerFault, message: string, options?: ErrorOptions) {
    super(message, options);
    this.fault = fault;
  }
}

/** Having answered right, if late, speaks for the dialect; other faults may come of having taken it for the wrong one. */
export function keepsDialect(fault: PeerFault): boolean {
  return fault === 'late_answer' || fault === 'parked' || fault === 'deadline';
}

/** Faults after which the answers before them cannot be believed either: the stream was out of step. */
export function spoilsAnswers(fault: PeerFault): boolean {
  return fault === 'extra_bytes' || fault === 'garbage';
}
