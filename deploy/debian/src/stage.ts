import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { REVISION, VERSION } from '../../../src/version.ts';
import { bashCompletion } from './completion-bash.ts';
import { fishCompletion } from './completion-fish.ts';
import { zshCompletion } from './completion-zsh.ts';
import { changelog } from './control.ts';
import type { PackageFacts } from './control.ts';
import { copyright } from './copyright.ts';
import { manPage } from './man-page.ts';
import { manPages } from './man-pages.ts';
import { nodeRuntime } from './node-runtime.ts';
import { copyModule, productionModules } from './production-modules.ts';
import { PROGRAMS } from './programs.ts';
import { buildPrograms } from '../../build/build-programs.ts';
import { TOP } from '../../build/top.ts';

const FILES = join(TOP, 'deploy/debian/files');
const UNITS = join(TOP, 'deploy/systemd');
const LIB = 'usr/lib/tenstorrent-exporter';
const DOC = 'usr/share/doc/tenstorrent-exporter';

const SCRIPTS: Readonly<Record<string, string>> = {
  'tenstorrent-exporter': 'dist/cli.js',
  'tt-allocation-server': 'dist/allocation-server/cli.js',
};

type Facts = Omit<PackageFacts, 'installedBytes'>;

/** Puts everything that is installed below `root`, which is empty. Takes what is built from this source, now. */
export function stage(root: string, facts: Facts): void {
  stagePrograms(root, facts);
  stageServices(root);
  stageDocuments(root, facts);
  stageCompletion(root);
}

/** What is below /usr/lib, and what starts it. */
function stagePrograms(root: string, { architecture }: Facts): void {
  const lib = join(root, LIB);
  mkdirSync(join(lib, 'bin'), { recursive: true });
  const node = join(lib, 'bin/node');
  execFileSync(process.env['STRIP'] ?? 'strip', [
    '--strip-unneeded',
    '-o',
    node,
    join(nodeRuntime(architecture), 'bin/node'),
  ]);
  buildPrograms(join(lib, 'dist'));
  for (const script of Object.values(SCRIPTS)) dropInterpreter(join(lib, script));
  const own = { name: 'tenstorrent-exporter', version: VERSION, type: 'module', gitHead: REVISION };
  write(lib, 'package.json', `${JSON.stringify(own, undefined, 2)}\n`);
  for (const module of productionModules()) copyModule(module, lib);
  mkdirSync(join(lib, 'native'));
  const native = join(lib, 'native/descriptors.node');
  const path = `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`;
  execFileSync('sh', [join(TOP, 'native/build.sh'), native], { stdio: 'inherit', env: { ...process.env, PATH: path } });
  execFileSync(process.env['STRIP'] ?? 'strip', ['--strip-unneeded', native]);
  const launcher = readFileSync(join(FILES, 'launcher.sh'), 'utf8');
  for (const { name } of PROGRAMS) write(root, `usr/bin/${name}`, launcher.replace('SCRIPT', SCRIPTS[name] ?? ''));
}

/** The launcher knows which Node.js it is. */
function dropInterpreter(file: string): void {
  writeFileSync(file, readFileSync(file, 'utf8').replace(/^#!.*\n/, ''));
}

function stageServices(root: string): void {
  for (const name of readdirSync(UNITS).filter((file) => /\.(?:service|socket)$/.test(file))) {
    copy(join(UNITS, name), root, `lib/systemd/system/${name}`);
  }
  copy(join(UNITS, 'sysusers.conf'), root, 'usr/lib/sysusers.d/tenstorrent-exporter.conf');
  copy(join(UNITS, 'tmpfiles.conf'), root, 'usr/lib/tmpfiles.d/tenstorrent-exporter.conf');
  for (const name of readdirSync(FILES).filter((file) => file.endsWith('.default'))) {
    copy(join(FILES, name), root, `etc/default/${name.slice(0, -'.default'.length)}`);
  }
}

function stageDocuments(root: string, facts: Facts): void {
  const { architecture } = facts;
  write(root, `${DOC}/copyright`, copyright());
  write(root, `${DOC}/changelog.gz`, gzip(changelog(facts)));
  write(root, `${DOC}/NODE-LICENSE.gz`, gzip(readFileSync(join(nodeRuntime(architecture), 'LICENSE'))));
  write(root, `${DOC}/METRICS.md.gz`, gzip(readFileSync(join(TOP, 'METRICS.md'))));
  copy(join(FILES, 'lintian-overrides'), root, 'usr/share/lintian/overrides/tenstorrent-exporter');
  for (const page of manPages()) {
    const path = `usr/share/man/man${page.section}/${page.name}.${page.section}.gz`;
    write(root, path, gzip(manPage(page, facts)));
  }
}

function stageCompletion(root: string): void {
  for (const program of PROGRAMS) {
    const { name } = program;
    write(root, `usr/share/bash-completion/completions/${name}`, bashCompletion(program));
    write(root, `usr/share/zsh/vendor-completions/_${name}`, zshCompletion(program));
    write(root, `usr/share/fish/vendor_completions.d/${name}.fish`, fishCompletion(program));
  }
}

/** Without a time in it. */
function gzip(content: string | Buffer): Buffer {
  return gzipSync(content, { level: 9 });
}

function write(root: string, path: string, content: string | Buffer): void {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}

function copy(source: string, root: string, path: string): void {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  cpSync(source, file);
}
