/**
 * Why there is no answer of the kubelet:
 * - `absent`, `not_a_socket`, `bad_path`: of the path
 * - `denied`, `refused`, `unavailable`: no connection came about
 * - `no_answer`: none in time; `busy`: the file system of the socket does not answer
 * - `answer_too_large`, `garbage`: an answer that is not believed
 * - `rate_limited`, `unsupported`, `rejected`: the kubelet says no
 * - `closed`: the client is closed
 */
export type KubeletFault =
  | 'absent'
  | 'not_a_socket'
  | 'bad_path'
  | 'denied'
  | 'refused'
  | 'unavailable'
  | 'no_answer'
  | 'busy'
  | 'answer_too_large'
  | 'garbage'
  | 'rate_limited'
  | 'unsupported'
  | 'rejected'
  | 'closed';

/** The kubelet, or the way to it, was not as it should be. */
export class KubeletError extends Error {
  override readonly name = 'KubeletError';
  readonly fault: KubeletFault;

  constructor(fault: KubeletFault, message: string, options?: ErrorOptions) {
    super(message, options);
    this.fault = fault;
  }
}
