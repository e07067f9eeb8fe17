import { join } from 'node:path';
import ts from 'typescript';
import type { Manifest } from './manifest.ts';
import { REPOSITORY } from './places.ts';

/** Where the interfaces and validators of an API are. */
const MODULES: Readonly<Record<string, string>> = {
  v1: 'kubernetes-models/v1',
  'apps/v1': 'kubernetes-models/apps/v1',
  'networking.k8s.io/v1': 'kubernetes-models/networking.k8s.io/v1',
  'scheduling.k8s.io/v1': 'kubernetes-models/scheduling.k8s.io/v1',
  'monitoring.coreos.com/v1': '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1',
};
/** OpenShift's has no package: interfaces only. */
const OPENSHIFT = { api: 'security.openshift.io/v1', module: './security-context-constraints.ts' };

const OPTIONS: ts.CompilerOptions = {
  module: ts.ModuleKind.NodeNext,
  target: ts.ScriptTarget.ES2024,
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  allowImportingTsExtensions: true,
  types: [],
};

/**
 * What an API server with strict validation would refuse, or drop without a word: unknown fields, wrong types, missing
 * fields, values outside of a field's set, patterns of CRDs. Empty where all is well.
 */
export async function apiProblems(manifests: readonly Manifest[]): Promise<string[]> {
  const problems = manifests.flatMap((manifest) => (moduleOf(manifest) === undefined ? [unknownApi(manifest)] : []));
  if (problems.length > 0) return problems;
  const invalid = await Promise.all(manifests.map(validatorProblems));
  return [...fieldProblems(manifests), ...invalid.flat()];
}

/** By the compiler, which takes no property in a literal that its type does not have. */
function fieldProblems(manifests: readonly Manifest[]): string[] {
  const declarations = manifests.map((manifest, index) => {
    const type = `import('${moduleOf(manifest) ?? ''}').I${manifest.kind}`;
    return `export const manifest${index}: ${type} = ${JSON.stringify(manifest, undefined, 1)};\n`;
  });
  // Not written: it is there for the compiler alone, at a place from which the packages are found.
  const file = join(import.meta.dirname, 'manifests-in-memory.ts');
  const program = ts.createProgram([file], OPTIONS, hostWith(file, declarations.join('')));
  return ts.getPreEmitDiagnostics(program).map(({ messageText, start, file: source }) => {
    const line = source === undefined ? 0 : source.getLineAndCharacterOfPosition(start ?? 0).line;
    const text = source?.text.split('\n')[line]?.trim() ?? '';
    return `${text} ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
  });
}

/** Files that were parsed for a check before: those of the packages are many, and stay as they are. */
const parsed = new Map<string, ts.SourceFile | undefined>();

function hostWith(path: string, text: string): ts.CompilerHost {
  const host = ts.createCompilerHost(OPTIONS);
  return {
    ...host,
    getCurrentDirectory: () => REPOSITORY,
    fileExists: (name) => name === path || host.fileExists(name),
    readFile: (name) => (name === path ? text : host.readFile(name)),
    getSourceFile: (name, languageVersion) => {
      if (name === path) return ts.createSourceFile(name, text, languageVersion);
      if (!parsed.has(name)) parsed.set(name, host.getSourceFile(name, languageVersion));
      return parsed.get(name);
    },
  };
}

/** By the schema of the API: patterns, formats and ranges, which types do not know. */
async function validatorProblems(manifest: Manifest): Promise<string[]> {
  if (manifest.apiVersion === OPENSHIFT.api) return [];
  const models = (await import(moduleOf(manifest) ?? '')) as Readonly<
    Record<string, new (data: Manifest) => { validate(): void }>
  >;
  const Model = models[manifest.kind];
  if (Model === undefined) return [unknownApi(manifest)];
  try {
    new Model(manifest).validate();
    return [];
  } catch (error) {
    return [`${manifest.kind}: ${error instanceof Error ? error.message : String(error)}`];
  }
}

function moduleOf({ apiVersion }: Manifest): string | undefined {
  return apiVersion === OPENSHIFT.api ? OPENSHIFT.module : MODULES[apiVersion];
}

function unknownApi({ apiVersion, kind }: Manifest): string {
  return `${apiVersion} has no ${kind} that is known here`;
}
