/** Parts of the alerts' descriptions, in Prometheus's template language. */

export const INSTANCE_TEXT = '{{ $labels.instance }}';

/** Which chip, of which host. */
export const DEVICE_TEXT = 'Device {{ $labels.device }} of {{ $labels.instance }}';

/** The value in bytes, by what a person can read. */
export const BYTES = '{{ $value | humanize1024 }}B';

/** What is known of the process's owner, each as a sentence. */
export const OWNER_TEXT = [
  '{{ with $labels.comm }} Command {{ . }}.{{ end }}',
  '{{ if $labels.pod_name }} Pod {{ $labels.pod_namespace }}/{{ $labels.pod_name }}.',
  '{{ else if $labels.pod_uid }} Pod {{ $labels.pod_uid }}.{{ end }}',
  '{{ with $labels.slurm_job_id }} Slurm job {{ . }}.{{ end }}',
  '{{ with $labels.unit }} Unit {{ . }}.{{ end }}',
].join('');

const HOST_MATCHERS = 'cluster=%q, job=%q, instance=%q';
const HOST_VALUES = '$labels.cluster $labels.job $labels.instance';

/** The capacity of the alert's `memory`. */
export const CAPACITY_TEXT =
  `{{ range printf "device_memory:tt_capacity_bytes:max{${HOST_MATCHERS}, device=%q, memory=%q}"` +
  ` ${HOST_VALUES} $labels.device $labels.memory | query }}{{ .Value | humanize1024 }}B{{ end }}`;

/** The largest holders of the alert's `memory` on its device, and who they are: a full chip is a ticket for one of them. */
export const HOLDERS_TEXT =
  `{{ range printf "topk(3, sum by (pid) (tt_%s_allocated_bytes{${HOST_MATCHERS}, device=%q}) > 0)"` +
  ` $labels.memory ${HOST_VALUES} $labels.device | query }}` +
  ` Pid {{ .Labels.pid }} holds {{ .Value | humanize1024 }}B` +
  `{{ range printf "tt_process_info{${HOST_MATCHERS}, pid=%q}" ${HOST_VALUES} .Labels.pid | query }}` +
  `{{ with .Labels.comm }} ({{ . }}){{ end }}` +
  `{{ with .Labels.pod_name }}, pod {{ . }}{{ end }}` +
  `{{ with .Labels.slurm_job_id }}, Slurm job {{ . }}{{ end }}` +
  `{{ with .Labels.unit }}, unit {{ . }}{{ end }}` +
  `{{ end }}.{{ end }}`;

/** PCI addresses of chips that the host had within a time and has no more. */
export function goneChipsText(memory: string): string {
  const selector = `tt_device_info{${HOST_MATCHERS}, pci_address!=\\"\\"}`;
  return (
    `{{ range printf "count by (pci_address, serial) (last_over_time(${selector}[${memory}])) unless on (pci_address) ${selector}"` +
    ` ${HOST_VALUES} ${HOST_VALUES} | query }}` +
    ` Gone: {{ .Labels.pci_address }}{{ with .Labels.serial }}, serial {{ . }}{{ end }}.{{ end }}`
  );
}
