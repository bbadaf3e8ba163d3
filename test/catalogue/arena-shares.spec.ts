import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { architectures } from '../../src/engine/zoo/catalogue.js';
import type { ApplicationType } from '../../src/profiles/workload.js';
import { arenaShare } from './arena-shares.js';

const FILE = join(__dirname, '../../src/prediction/arena-shares.json');
const TYPES: readonly ApplicationType[] = ['training', 'inference'];
const KEYS = [...architectures.keys()].flatMap((name) => TYPES.map((type) => `${name} ${type}`));
/** Each takes some seconds. */
const CHECKED = ['mobilenet_v3_small training', 'resnet18 inference', 'ssd300_vgg16 inference'];

describe('what the arena comes to, as `npm run arena` writes it', () => {
  if (process.env.WRITE_GENERATED !== undefined) {
    it('is written', () => {
      writeFileSync(FILE, JSON.stringify(Object.fromEntries(KEYS.map((key) => [key, shareOf(key)]))));
    });
  }

  const written = (): Record<string, unknown> => JSON.parse(readFileSync(FILE, 'utf8')) as Record<string, unknown>;

  it('is there for every architecture', () => {
    expect(Object.keys(written())).toEqual(KEYS);
  });

  it.each(CHECKED)('is up to date for %s', (key) => {
    expect(written()[key]).toEqual(shareOf(key));
  });
});

function shareOf(key: string): ReturnType<typeof arenaShare> {
  const [name = '', type] = key.split(' ');
  return arenaShare(name, type === 'training' ? 'training' : 'inference');
}
