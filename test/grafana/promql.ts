import { parser } from '@prometheus-io/lezer-promql';

type SyntaxNode = ReturnType<typeof parser.parse>['topNode'];

/** A vector selector with the functions that it is given to, the innermost first. */
export interface Selector {
  readonly metric: string;
  /** `job=~"$job"` */
  readonly matchers: readonly string[];
  /** The function whose argument this selector's range is; undefined where it has no range. */
  readonly rangeOf: string | undefined;
  /** As written: `$__rate_interval` is kept. */
  readonly range: string | undefined;
}

export interface ParsedQuery {
  /** Where it cannot be parsed. */
  readonly errors: readonly string[];
  readonly selectors: readonly Selector[];
}

/** No dashboard has this duration itself. */
const RATE_INTERVAL = '61s';

/** Parses what Grafana would send, with variables in place of which something of their kind stands. */
export function parseQuery(expr: string): ParsedQuery {
  const text = expr
    .replaceAll('$__rate_interval', RATE_INTERVAL)
    .replaceAll('$__range_s', '21600')
    .replaceAll('$__range', '6h')
    .replaceAll('$window', '20m');
  const errors: string[] = [];
  const selectors: Selector[] = [];
  parser.parse(text).iterate({
    enter({ name, type, node, from }) {
      if (type.isError) errors.push(`at "${text.slice(from, from + 30)}"`);
      if (name === 'VectorSelector') selectors.push(readSelector(node, text));
    },
  });
  return { errors, selectors };
}

function readSelector(node: SyntaxNode, text: string): Selector {
  const textOf = (one: SyntaxNode | null | undefined): string => (one ? text.slice(one.from, one.to) : '');
  const matchers = node.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? [];
  const matrix = node.parent?.name === 'MatrixSelector' ? node.parent : undefined;
  const range = textOf(matrix?.getChild('DurationExpr')).replace(RATE_INTERVAL, '$__rate_interval');
  return {
    metric: textOf(node.getChild('Identifier')),
    matchers: matchers.map((matcher) => textOf(matcher).replaceAll(/\s/gu, '')),
    range: matrix === undefined ? undefined : range,
    rangeOf: matrix === undefined ? undefined : textOf(functionAround(matrix)?.getChild('FunctionIdentifier')),
  };
}

function functionAround(node: SyntaxNode): SyntaxNode | undefined {
  let outer = node.parent;
  while (outer !== null && outer.name !== 'FunctionCall') outer = outer.parent;
  return outer ?? undefined;
}
