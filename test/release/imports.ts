import { readFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import ts from 'typescript';

/** The packages that TypeScript files import, types included, by name. */
export async function importedPackages(files: readonly string[]): Promise<Set<string>> {
  const packages = new Set<string>();
  for (const file of files) {
    const { importedFiles } = ts.preProcessFile(await readFile(file, 'utf8'), true, true);
    for (const { fileName } of importedFiles) {
      if (!fileName.startsWith('.') && !fileName.startsWith('/') && !isBuiltin(fileName))
        packages.add(nameOf(fileName));
    }
  }
  return packages;
}

/** `@scope/name/part` is a part of `@scope/name`. */
function nameOf(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}
