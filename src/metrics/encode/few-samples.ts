/** Of fewer samples no block is worth being kept: they are drawn again as fast. */
export const FEW_SAMPLES = 128;
