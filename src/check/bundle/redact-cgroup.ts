import type { Pseudonyms } from './pseudonyms.ts';

/** Parts of cgroup paths that everybody has. */
const COMMON = new RegExp(
  `^(?:${[
    '\\.\\.',
    '(?:kubepods|kubelet|system|user|machine|init|app|session|background)(?:\\.slice|\\.scope)?',
    'kubelet-kubepods(?:-[a-z]+)?\\.slice',
    'kubepods-(?:besteffort|burstable|guaranteed)\\.slice',
    'besteffort|burstable|guaranteed|docker|lxc|podman',
    'user-\\d+\\.slice|user@\\d+\\.service|session-\\d+\\.scope',
    'slurm|slurmstepd\\.scope|uid_\\d+|job_\\d+|step_[a-z0-9]+|task_[a-z0-9]+',
  ].join('|')})$`,
);
const RUNTIMES = /^(?:docker|containerd|cri-containerd|crio|crio-conmon|libpod|libpod-conmon|nerdctl|podman)$/;
const CONTAINER = /^(?:(.*)([-:]))?([0-9a-f]{64})(\.scope)?$/;
const POD = /^(.*pod)([0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12}|[0-9a-f]{32})(\.slice)?$/;
const POD_PREFIX = /^(?:kubelet-)?(?:kubepods-)?(?:(?:besteffort|burstable|guaranteed)-)?pod$/;
const UNIT = /\.(?:service|scope|mount|socket|swap)$/;

/** The lines of /proc/<pid>/cgroup with other names, so that they say the same of pods, containers, jobs and units. */
export function redactCgroup(text: string, names: Pseudonyms): string {
  return text
    .split('\n')
    .flatMap((line) => {
      const [, hierarchy, controllers = '', path = ''] = /^(\d+):([^:]*):(\/.*)$/.exec(line) ?? [];
      if (hierarchy === undefined) return [];
      const known = /^[a-z_,]*$/.test(controllers) || controllers === 'name=systemd';
      const parts = path.replace(/ \(deleted\)$/, '').split('/');
      const other = parts.map((part) =>
        part
          .split(':')
          .map((piece) => redactPart(piece, names))
          .join(':'),
      );
      return [`${hierarchy}:${known ? controllers : 'name=other'}:${other.join('/')}\n`];
    })
    .join('');
}

function redactPart(part: string, names: Pseudonyms): string {
  if (part === '' || COMMON.test(part) || RUNTIMES.test(part)) return part;
  const [, runtime, dash = '', id, scope = ''] = CONTAINER.exec(part) ?? [];
  if (id !== undefined) {
    const before = runtime === undefined ? '' : `${redactRuntime(runtime, names)}${dash}`;
    return `${before}${names.containerId(id)}${scope}`;
  }
  const [, prefix = '', uid, slice = ''] = POD.exec(part) ?? [];
  if (uid !== undefined) {
    const dashed = names.podUid(uid.replaceAll('_', '-'));
    const pseudonym = uid.includes('_') ? dashed.replaceAll('-', '_') : dashed;
    return `${POD_PREFIX.test(prefix) ? prefix : 'kubepods-pod'}${pseudonym}${slice}`;
  }
  const slurm = /^(slurm_)|(_slurmstepd\.scope)$/.exec(part);
  if (slurm !== null) return `${slurm[1] ?? ''}${names.name('group', part)}${slurm[2] ?? ''}`;
  return UNIT.test(part) ? names.unit(part.replace(/^_/, '')) : names.name('group', part);
}

/** A systemd unit, as the label and the server's document have it. */
export function redactUnit(unit: string, names: Pseudonyms): string {
  return redactPart(unit, names);
}

function redactRuntime(runtime: string, names: Pseudonyms): string {
  if (RUNTIMES.test(runtime)) return runtime;
  return runtime.endsWith('conmon') ? 'conmon' : names.name('group', runtime);
}
