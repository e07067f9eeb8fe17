/** The characters that screens are drawn with, one cell each. */
export interface Glyphs {
  /** From nearly empty to full, eighths of a cell. */
  readonly bar: readonly string[];
  readonly barEmpty: string;
  /** From low to high. */
  readonly history: readonly string[];
  readonly rule: string;
  readonly ellipsis: string;
  readonly degree: string;
  readonly down: string;
  readonly up: string;
}

export const UNICODE_GLYPHS: Glyphs = {
  bar: ['▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'],
  barEmpty: '░',
  history: ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'],
  rule: '─',
  ellipsis: '…',
  degree: '°C',
  down: '▼',
  up: '▲',
};

export const ASCII_GLYPHS: Glyphs = {
  bar: ['#'],
  barEmpty: '.',
  history: ['_', '.', '-', '=', '*', '#'],
  rule: '-',
  ellipsis: '~',
  degree: 'C',
  down: 'v',
  up: '^',
};
