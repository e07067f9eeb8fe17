import { format } from 'prettier';
import { ALL_SERVER_FLAGS } from '../../src/allocation-server/flags.ts';
import { flagTables } from '../../src/flags/flag-text.ts';
import { flagsMarkdown } from '../../src/flags/help.ts';

/** What is made, between two lines of the README. */
const SECTIONS = [
  { begin: '<!-- flags: made by npm run docs -->', end: '<!-- end of flags -->', make: flagsMarkdown },
  {
    begin: '<!-- server flags: made by npm run docs -->',
    end: '<!-- end of server flags -->',
    make: () => flagTables(ALL_SERVER_FLAGS),
  },
];

/** The README with its tables of flags as the programs have them. Throws where the README has lost the place for one. */
export async function withFlags(readme: string): Promise<string> {
  let text = readme;
  for (const { begin, end, make } of SECTIONS) {
    const from = text.indexOf(begin);
    const to = text.indexOf(end);
    if (from < 0 || to < from) throw new Error(`README.md needs the lines ${begin} and ${end}`);
    text = `${text.slice(0, from)}${begin}\n\n${make()}\n${text.slice(to)}`;
  }
  return await format(text, { parser: 'markdown', singleQuote: true, printWidth: 120 });
}
