import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { profileCodec } from '../../../src/profiles/profile.js';

it('the example of a profile in docs/ is one that the service reads and writes', () => {
  const written: unknown = JSON.parse(readFileSync(join(__dirname, '../../../docs/example-profile.json'), 'utf8'));
  expect(profileCodec.encode(profileCodec.decode(written, 'profile'))).toEqual(written);
});
