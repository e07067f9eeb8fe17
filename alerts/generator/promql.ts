/** What every `on` and `by` begins with: a scrape target, of a cluster if there is such a label. */
export const HOST = 'cluster, job, instance';
export const DEVICE = `${HOST}, device`;
export const PROCESS = `${DEVICE}, pid`;
/** A chip wherever its number moves to. Chips of a Galaxy share a serial; old drivers know no asic_id. */
export const CHIP_LABELS = 'serial, asic_id, pci_address';
export const CHIP = `${HOST}, ${CHIP_LABELS}`;

/** What is said about a process's owner. */
export const OWNER_LABELS = 'comm, pod_namespace, pod_name, pod_uid, container_name, container_id, slurm_job_id, unit';

/** The memories, with the types of each that are never a high-water mark. */
export const MEMORIES = [
  { memory: 'dram', solid: 'dram|trace' },
  { memory: 'l1', solid: 'l1|l1_small' },
] as const;

export type Memory = (typeof MEMORIES)[number];

/**
 * Takes the margin off a template literal, so that rules can be written where they belong. A value of several lines is
 * indented like the line that it is put into.
 */
export function promql(strings: TemplateStringsArray, ...values: readonly (string | number)[]): string {
  const text = strings.reduce((sum, part, i) => {
    const column = / *$/u.exec(sum.slice(sum.lastIndexOf('\n') + 1))?.[0] ?? '';
    return sum + String(values[i - 1] ?? '').replaceAll('\n', `\n${column}`) + part;
  });
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const margin = Math.min(...lines.map((line) => line.length - line.trimStart().length));
  return lines.map((line) => line.slice(margin)).join('\n');
}

/** The expression with the labels of the chip that the device number means now. */
export function withChip(expr: string): string {
  return `${expr}\n* on (${DEVICE}) group_left (${CHIP_LABELS}) tt_device_info`;
}

/**
 * A recorded vector of processes with their owners' labels where they are known, without where they are not. Only their
 * own owners are sorted out: of a large fleet's processes few are ever in such a record.
 */
export function withOwner(record: string): string {
  return promql`
    ${record}
      * on (${HOST}, pid) group_left (${OWNER_LABELS}) topk by (${HOST}, pid) (1, tt_process_info and on (${HOST}, pid) ${record})
    or on (${PROCESS}, memory) ${record}`;
}
