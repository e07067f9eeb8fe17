import type { JoinInputs } from '../../src/join/inputs.ts';
import { MixedNumbers } from '../../src/join/mixed-numbers.ts';
import { OpenedCards } from '../../src/join/opened-cards.ts';
import { ProcessBudget } from '../../src/join/process-budget.ts';

/** What a collection of nothing gives to the join, but for what a test names. */
export function joinInputs(part: Partial<JoinInputs>): JoinInputs {
  return {
    takenAtSeconds: 2000,
    shown: new Set(['allocation_server', 'shared_memory', 'sysfs', 'procfs']),
    sysfs: undefined,
    procfs: undefined,
    sharedMemory: undefined,
    kubernetes: undefined,
    allocationServer: undefined,
    allocationServerFailed: false,
    furtherTrackers: [],
    memorySource: 'auto',
    processDetail: 'pid',
    processBudget: new ProcessBudget(64),
    openedCards: new OpenedCards(),
    mixedNumbers: new MixedNumbers(),
    userNames: undefined,
    capacityConfig: undefined,
    devicesExpected: undefined,
    maintenance: undefined,
    ...part,
  };
}
