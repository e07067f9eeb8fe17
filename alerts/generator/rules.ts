/** A rule group as it is in a file. */
export interface RuleGroup {
  readonly name: string;
  readonly interval: string;
  readonly rules: readonly Rule[];
}

export type Rule = Recording | Alert;

export interface Recording {
  readonly kind: 'record';
  readonly record: string;
  /** Why it is so; a comment in the file. */
  readonly why?: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
}

export type Severity = 'critical' | 'warning' | 'info';
export type Audience = 'hardware' | 'workload' | 'monitoring';

export interface Alert {
  readonly kind: 'alert';
  readonly alert: string;
  readonly why?: string;
  readonly expr: string;
  readonly for?: string;
  readonly keepFiringFor?: string;
  readonly severity: Severity;
  readonly audience: Audience;
  /** Beside severity and audience: what tells this rule from another of its name. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly summary: string;
  readonly description: string;
}

/** A rule file by its name. */
export interface RuleFile {
  readonly name: string;
  /** What is in it, as the first line of it. */
  readonly title: string;
  readonly groups: readonly RuleGroup[];
}
