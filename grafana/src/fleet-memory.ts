import { HOST } from '../../alerts/generator/promql.ts';
import { HOSTS } from './parts/selectors.ts';

/** Of each host. */
export const DRAM = `sum by (${HOST}) (tt_device_dram_allocated_bytes{${HOSTS}})`;
export const DRAM_CAPACITY = `sum by (${HOST}) (tt_dram_capacity_bytes{${HOSTS}})`;
