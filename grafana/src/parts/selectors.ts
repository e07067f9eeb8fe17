import { HOST, OWNER_LABELS, PROCESS, promql } from '../../../alerts/generator/promql.ts';

/** Matchers of every selector: the hosts that are chosen at the top. */
export const HOSTS = 'job=~"$job", instance=~"$instance"';
/** The same of alerts, and those of a whole job, which have no instance. */
export const HOSTS_AND_FLEET = 'job=~"$job", instance=~"$instance|"';
/** The chips that are chosen. */
export const CHIPS = `${HOSTS}, device=~"$device"`;

/** The memories, with the types of each that are never a high-water mark, and how a person writes them. */
export const MEMORIES = [
  { memory: 'dram', types: 'dram|trace', name: 'DRAM' },
  { memory: 'l1', types: 'l1|l1_small', name: 'L1' },
] as const;

/** A vector for each memory, told apart by the label `memory`. */
export function eachMemory(expr: (memory: (typeof MEMORIES)[number]) => string): string {
  return MEMORIES.map((one) => `label_replace(\n  ${indent(expr(one))},\n  "memory", "${one.name}", "", ""\n)`).join(
    '\nor\n',
  );
}

function indent(text: string): string {
  return text.replaceAll('\n', '\n  ');
}

/**
 * Adds who the processes of a vector are: `comm`, and `owner`, the first of pod, Slurm job, container and unit that is
 * known. Processes that nothing is known of stay as they are.
 */
export function withOwner(vector: string, on = PROCESS): string {
  return named(promql`
    (
      ${vector}
    )
      * on (${HOST}, pid) group_left (${OWNER_LABELS}) topk by (${HOST}, pid) (1, tt_process_info{${HOSTS}})
    or on (${on}) (
      ${vector}
    )`);
}

/** The label `owner` from the labels of an owner. */
export function named(vector: string): string {
  const names = [
    ['$1', 'unit', '(.+)'],
    ['container $1', 'container_id', '(.{1,12}).*'],
    ['Slurm job $1', 'slurm_job_id', '(.+)'],
    ['pod $1', 'pod_uid', '(.+)'],
    ['pod $1', 'pod_name', '(.+)'],
  ] as const;
  return names.reduce(
    (sum, [to, from, pattern]) => `label_replace(\n  ${indent(sum)},\n  "owner", "${to}", "${from}", "${pattern}"\n)`,
    vector,
  );
}

/**
 * The few series of a vector that were largest at some time of what is shown. topk() alone would choose others at each
 * step, and draw pieces of many.
 */
export function most(count: number, on: string, expr: string): string {
  return promql`
    (
      ${expr}
    )
    and on (${on}) topk(${count}, max_over_time((
      ${expr}
    )[$__range:$__rate_interval] @ end()))`;
}

/** 0 where the exporters answer and the vector is empty: what nobody could look at stays absent. */
export function orNone(expr: string): string {
  return `${expr}\nor 0 * count(tt_exporter_build_info{${HOSTS}})`;
}
