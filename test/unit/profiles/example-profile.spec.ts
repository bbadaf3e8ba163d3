import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { profileCodec } from '../../../src/profiles/profile.js';

it('the example of a profile in docs/, which 0.1.0 wrote, is read, and written with what was unknown then', () => {
  const text = readFileSync(join(__dirname, '../../../docs/example-profile.json'), 'utf8');
  const written: unknown = JSON.parse(text);
  const profile = profileCodec.decode(written, 'profile');
  expect(profile.machine.engineVersion).toBe('0.1.0');
  expect(profileCodec.encode(profile)).toMatchObject(written as object);
  const upgraded: unknown = JSON.parse(
    text
      .replaceAll(/("max_size": [^,\s]+)/g, '$1, "aux_loss": null')
      .replaceAll(
        /("other_load_percent": [^,\s]+)/g,
        '$1, "stolen_percent": null, "throttled_percent": null, "heat_slowdowns": null',
      ),
  );
  expect(profileCodec.encode(profile)).toEqual(upgraded);
});
