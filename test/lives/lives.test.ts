import { it } from 'node:test';
import { checkLives, LIVES } from './check-lives.ts';

it(`what is said of ${LIVES} random lives is true, with the same seed in every run`, (t) => checkLives(t, 1));
