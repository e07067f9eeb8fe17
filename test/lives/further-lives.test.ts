import { it } from 'node:test';
import { checkLives, LIVES } from './check-lives.ts';

it(`what is said of ${LIVES} random lives is true, with another seed in each run`, (t) =>
  checkLives(t, Math.floor(Math.random() * 1e9)));
