import { status } from '@grpc/grpc-js';
import { KubeletError } from './kubelet-error.ts';

/** As much of what the other side says as goes into a line of the log. */
const MAX_DETAILS = 200;

/** What a status of gRPC means here, with what to do about it. */
export function statusError(path: string, code: status, details: string): KubeletError {
  const said = printable(details);
  switch (code) {
    case status.UNAVAILABLE:
      return connectionError(path, said);
    case status.UNIMPLEMENTED:
      return new KubeletError(
        'unsupported',
        `${path}: no PodResources API v1 there: is it the kubelet's socket? ${said}`,
      );
    case status.RESOURCE_EXHAUSTED:
      // The same code is the kubelet's for too many questions, and this client's for too long an answer.
      return /larger than max/i.test(details)
        ? new KubeletError('answer_too_large', `${path}: the answer is too long to be believed: ${said}`)
        : new KubeletError('rate_limited', `${path}: the kubelet is asked too often: ${said}`);
    case status.INTERNAL:
      return new KubeletError('garbage', `${path}: the answer cannot be read: ${said}`);
    case status.CANCELLED:
    case status.DEADLINE_EXCEEDED:
      return new KubeletError('no_answer', `${path}: no answer in time: is the kubelet stuck?`);
    default:
      return new KubeletError('rejected', `${path}: the kubelet refuses to say (gRPC status ${code}): ${said}`);
  }
}

function connectionError(path: string, said: string): KubeletError {
  if (said.includes('ECONNREFUSED')) {
    return new KubeletError('refused', `${path}: nobody listens there: is the kubelet running?`);
  }
  if (said.includes('EACCES') || said.includes('EPERM')) {
    return new KubeletError('denied', `${path}: no right to connect: write permission on it is needed`);
  }
  return new KubeletError('unavailable', `${path}: no connection: ${said}`);
}

/** Its length counts, as it comes from the other side. */
function printable(details: string): string {
  return details.slice(0, MAX_DETAILS).replace(/[^\x20-\x7e]/g, '?');
}
