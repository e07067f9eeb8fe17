import { format } from 'prettier';
import { flagsMarkdown } from '../../src/flags/help.ts';

const BEGIN = '<!-- flags: made by npm run docs -->';
const END = '<!-- end of flags -->';

/** The README with its table of flags as the program has them. Throws where the README has lost the place for it. */
export async function withFlags(readme: string): Promise<string> {
  const begin = readme.indexOf(BEGIN);
  const end = readme.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`README.md needs the lines ${BEGIN} and ${END}`);
  const text = `${readme.slice(0, begin)}${BEGIN}\n\n${flagsMarkdown()}\n${readme.slice(end)}`;
  return await format(text, { parser: 'markdown', singleQuote: true, printWidth: 120 });
}
